import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const CHAT = process.env.VITE_CHAT_URL ?? "http://127.0.0.1:8000";

/** Buys a ticket with the service's token, which no browser sees. Your own server does this for who is signed in. */
async function buyTicket(_, response) {
  try {
    const answer = await fetch(`${CHAT}/api/v1/ticket`, {
      method: "POST",
      headers: { Authorization: `Bearer ${process.env.CHAT_TOKEN}`, "Content-Type": "application/json" },
      body: JSON.stringify({ owner: "user-42" }),
    });
    response.writeHead(answer.status, { "Content-Type": "application/json" }).end(await answer.text());
  } catch {
    response.destroy(); // the chat is away: the page tries again
  }
}

const use = ({ middlewares }) => void middlewares.use("/ticket", buyTicket);

export default defineConfig({
  plugins: [react(), { name: "tickets", configureServer: use, configurePreviewServer: use }],
  server: { host: "127.0.0.1", fs: { allow: ["../.."] } }, // the client is in static/chat/
  preview: { host: "127.0.0.1", port: 5173 },
});
