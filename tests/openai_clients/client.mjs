// OpenAI's JavaScript client: the request is the first argument, as JSON. The worker that answers, each piece of the
// answer, and its end or error are lines of JSON on standard output.
import OpenAI from "openai";

const { url, token, maxRetries = 0, body, headers } = JSON.parse(process.argv[2]);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const client = new OpenAI({ baseURL: url, apiKey: token, maxRetries });

try {
  const { data: answer, response } = await client.chat.completions.create(body, { headers }).withResponse();
  say({ worker: response.headers.get("served-by").split("/")[0] });
  if (body.stream) {
    for await (const chunk of answer) say({ piece: chunk.choices[0]?.delta.content ?? "", usage: chunk.usage });
    say({ end: true });
  } else {
    say({ end: true, text: answer.choices[0].message.content });
  }
} catch (error) {
  say({ error: error.constructor.name, status: error.status, message: error.message });
}
