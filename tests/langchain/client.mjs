// LangChain's own classes, unchanged: says the lines in its arguments to a session, and prints what was answered.
//
//   node client.mjs <memory server> <model> <memory id> [line …]
//
// With N8N in the environment, the memory has the options of n8n's Motorhead node.

import { MotorheadMemory } from "@langchain/community/memory/motorhead_memory";
import { PromptTemplate } from "@langchain/core/prompts";
import { OpenAI } from "@langchain/openai";
import { LLMChain } from "langchain/chains";

const [url, baseURL, sessionId, ...lines] = process.argv.slice(2);
const n8n = { url: `${url}/motorhead`, clientId: "c1", apiKey: "k1", inputKey: "human_input", outputKey: "text" };
const memory = new MotorheadMemory({
  ...(process.env.N8N ? { ...n8n, returnMessages: true } : { url }),
  sessionId,
  memoryKey: "chat_history",
});
await memory.init();
const loaded = (await memory.chatHistory.getMessages()).map((message) => [message.getType(), message.content]);

const prompt = PromptTemplate.fromTemplate("You are a chatbot.\n\n{chat_history}\nHuman: {human_input}\nAI:");
const llm = new OpenAI({ apiKey: "none", configuration: { baseURL } });
const chain = new LLMChain({ llm, prompt, memory });
const answers = [];
for (const human_input of lines) answers.push((await chain.invoke({ human_input })).text.trim());

console.log(JSON.stringify({ loaded, context: memory.context ?? null, answers }));
