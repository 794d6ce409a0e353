"""What all doors share: who speaks, headers, paging, sentences."""
