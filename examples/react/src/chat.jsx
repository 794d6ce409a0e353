import { useChat } from "@ai-sdk/react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { transport } from "./connection.js";

const AGAIN = 500; // milliseconds between the tries to reach the chat again

const textOf = ({ parts }) => parts.map(({ type, text }) => (type === "text" ? text : "")).join("");

/** One session: its messages, and what can be done with them. */
export function Chat({ id, title, history, onAnswered }) {
  const chat = useChat({
    id,
    messages: history,
    transport,
    resume: true, // an answer in progress goes on after a reload
    onFinish: ({ isDisconnect }) => isDisconnect || onAnswered(),
  });
  useReconnection(chat);
  const { messages, status, error, sendMessage, regenerate, stop } = chat;
  const isBusy = status === "submitted" || status === "streaming";
  const last = messages.at(-1);

  return (
    <main>
      <h1>{title ?? "New session"}</h1>
      <Messages messages={messages} />
      <p role="alert">{error && !isBusy ? error.message : ""}</p>
      <div className="verbs">
        {isBusy && (
          <button type="button" onClick={stop}>
            Stop
          </button>
        )}
        {!isBusy && last?.role === "assistant" && (
          <button type="button" onClick={() => regenerate()}>
            Regenerate
          </button>
        )}
      </div>
      <Composer isBusy={isBusy} send={(text) => sendMessage({ text })} />
    </main>
  );
}

/**
 * Goes on after a lost connection, which is a TypeError, until the chat is back. A message that is sent again joins its
 * answer, if that has begun.
 */
function useReconnection({ messages, error, sendMessage, resumeStream }) {
  const isLost = messages.at(-1)?.role === "user";
  const goOn = useEffectEvent(() => (isLost ? sendMessage() : resumeStream()));

  useEffect(() => {
    if (!(error instanceof TypeError)) return;
    const again = setTimeout(goOn, AGAIN);
    return () => clearTimeout(again);
  }, [error]);
}

function Messages({ messages }) {
  const end = useRef(null);
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [messages]);
  return (
    <ol aria-live="polite">
      {messages.map((message) => (
        <li key={message.id} className={message.role}>
          {textOf(message)}
        </li>
      ))}
      <li ref={end} aria-hidden="true" />
    </ol>
  );
}

function Composer({ isBusy, send }) {
  const [text, setText] = useState("");
  const submit = (event) => {
    event.preventDefault();
    if (isBusy || !text.trim()) return;
    send(text);
    setText("");
  };
  return (
    <form onSubmit={submit}>
      <input
        aria-label="Message"
        placeholder="Say something"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" disabled={isBusy}>
        Send
      </button>
    </form>
  );
}
