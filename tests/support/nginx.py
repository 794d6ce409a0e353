"""nginx's configuration around the blocks of this project's documentation; it compresses pages, as Debian's does."""

from __future__ import annotations

NGINX = """
pid {folder}/nginx.pid;
daemon off;
events {{}}
http {{
    access_log off;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {block}
}}
"""
