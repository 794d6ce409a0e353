/** All sessions of this user. A session exists once something is said in it. */
export function Sessions({ sessions, open }) {
  const begin = () => {
    location.hash = crypto.randomUUID();
  };
  return (
    <nav aria-label="Sessions">
      <button type="button" onClick={begin}>
        New session
      </button>
      <ul>
        {sessions.map(({ id, title }) => (
          <li key={id}>
            <a href={`#${id}`} aria-current={id === open ? "page" : undefined}>
              {title ?? id}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
