"""LangChain's classic Motörhead example, run against the site that ``scripts/serve`` started.

scripts/setup dev    # brings langchain-classic, langchain-community and langchain-openai into .venv
.venv/bin/python examples/hi_im_bob.py [memory id] [data folder]
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from langchain_classic.chains import LLMChain
from langchain_community.memory.motorhead_memory import MotorheadMemory
from langchain_core.prompts import PromptTemplate
from langchain_openai import OpenAI

session_id = sys.argv[1] if len(sys.argv) > 1 else "testing-1"
data = Path(sys.argv[2] if len(sys.argv) > 2 else "var")
site = json.loads((data / "serve.json").read_text())  # the addresses of the running site
os.environ.setdefault("OPENAI_API_KEY", "none")  # OpenAI() requires a key, even though the stand-in does not

prompt = PromptTemplate.from_template("You are a chatbot.\n\n{chat_history}\nHuman: {human_input}\nAI:")
memory = MotorheadMemory(session_id=session_id, url=site["memory"], memory_key="chat_history")
asyncio.run(memory.init())  # loads the session's earlier messages
chain = LLMChain(llm=OpenAI(base_url=site["model"]), prompt=prompt, memory=memory)

for line in ("hi im bob", "whats my name?", "whats for dinner?"):
    print(line)
    print("   ", chain.run(line).strip())
