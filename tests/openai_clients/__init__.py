"""OpenAI's own client libraries, and LangChain's, on a whole site."""
