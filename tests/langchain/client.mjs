// LangChain's own classes, unchanged: says the lines in its arguments to a session, and prints what was answered.
//
//   node client.mjs <memory server> <model> <memory id> [line …]

import { MotorheadMemory } from "@langchain/community/memory/motorhead_memory";
import { PromptTemplate } from "@langchain/core/prompts";
import { OpenAI } from "@langchain/openai";
import { LLMChain } from "langchain/chains";

const [url, baseURL, sessionId, ...lines] = process.argv.slice(2);
const memory = new MotorheadMemory({ url, sessionId, memoryKey: "chat_history" });
await memory.init();
const loaded = (await memory.chatHistory.getMessages()).map((message) => [message.getType(), message.content]);

const prompt = PromptTemplate.fromTemplate("You are a chatbot.\n\n{chat_history}\nHuman: {human_input}\nAI:");
const llm = new OpenAI({ apiKey: "none", configuration: { baseURL } });
const chain = new LLMChain({ llm, prompt, memory });
const answers = [];
for (const human_input of lines) answers.push((await chain.invoke({ human_input })).text.trim());

console.log(JSON.stringify({ loaded, context: memory.context ?? null, answers }));
