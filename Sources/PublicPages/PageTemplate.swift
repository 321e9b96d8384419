/// The template of a page and its style sheet. Nothing is loaded from anywhere, and nothing runs.
enum PageTemplate {
    static let html = """
        <!DOCTYPE html>
        <html lang="{{language}}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex, nofollow">
        <title>{{title}}</title>
        <style>{{{style}}}</style>
        </head>
        <body>
        <main>
        {{#about}}
        <p class="about">{{.}}</p>
        {{/about}}
        <h1>{{title}}</h1>
        {{#thanks}}
        <p class="thanks" role="status">{{.}}</p>
        {{/thanks}}
        {{#problem}}
        <p class="problem" role="alert">{{.}}</p>
        {{/problem}}
        {{#text}}
        <p>{{.}}</p>
        {{/text}}
        {{#form}}
        <form method="post" action="{{action}}">
        <fieldset>
        <legend>{{title}}</legend>
        {{#choices}}
        <label><input type="radio" name="rating" value="{{value}}" required{{#isChosen}} checked{{/isChosen}}><b>{{value}}</b> <span>{{name}}</span></label>
        {{/choices}}
        </fieldset>
        <label class="comment" for="comment">{{commentLabel}}</label>
        <textarea id="comment" name="comment" rows="4" maxlength="2000"></textarea>
        <button type="submit">{{send}}</button>
        </form>
        <p class="soft">{{promise}}</p>
        <p class="soft"><a href="{{otherLink}}" lang="{{otherLanguage}}" hreflang="{{otherLanguage}}">{{otherName}}</a></p>
        {{/form}}
        </main>
        </body>
        </html>

        """

    static let style = """
        :root { color-scheme: light dark; --page: #f3f5f8; --card: #ffffff; --ink: #1c2430; --soft: #5d6b7e; --rule: #d0d7e1; --accent: #1d63d8; --chosen: #e8f0fe; --good: #e6f4ea; --good-ink: #14532d; --bad: #fdecea; --bad-ink: #8c1d18; }
        @media (prefers-color-scheme: dark) { :root { --page: #15181d; --card: #20242b; --ink: #e8ebf0; --soft: #9ba6b5; --rule: #434b57; --accent: #8ab4ff; --chosen: #263a5c; --good: #1d3a28; --good-ink: #b7e4c7; --bad: #43201d; --bad-ink: #ffb4ab; } }
        * { box-sizing: border-box; }
        body { margin: 0; padding: 16px; background: var(--page); color: var(--ink); font: 16px/1.5 'Segoe UI', system-ui, -apple-system, Roboto, 'Noto Sans', 'DejaVu Sans', Arial, sans-serif; }
        main { max-width: 640px; margin: 5vh auto; padding: 24px; background: var(--card); border: 1px solid var(--rule); border-radius: 12px; }
        h1 { margin: 0 0 16px; font-size: 26px; line-height: 1.25; }
        p { margin: 0 0 16px; }
        .about, .soft { color: var(--soft); font-size: 14px; }
        .about { margin-bottom: 4px; }
        .soft { margin: 16px 0 0; }
        .thanks, .problem { padding: 12px 16px; border-radius: 8px; }
        .thanks { background: var(--good); color: var(--good-ink); }
        .problem { background: var(--bad); color: var(--bad-ink); }
        fieldset { display: grid; grid-template-columns: repeat(5, 1fr); gap: 8px; margin: 0 0 20px; padding: 0; border: 0; min-width: 0; }
        legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        fieldset label { display: flex; flex-direction: column; align-items: center; gap: 4px; padding: 12px 4px; border: 1px solid var(--rule); border-radius: 8px; text-align: center; cursor: pointer; }
        fieldset label:has(:checked) { background: var(--chosen); border-color: var(--accent); }
        fieldset label:focus-within { outline: 2px solid var(--accent); outline-offset: 1px; }
        fieldset b { font-size: 22px; line-height: 1.2; }
        fieldset span { font-size: 14px; }
        input[type=radio] { width: 20px; height: 20px; margin: 0; accent-color: var(--accent); }
        .comment { display: block; margin-bottom: 6px; }
        textarea { display: block; width: 100%; margin-bottom: 20px; padding: 10px; background: var(--card); color: inherit; font: inherit; border: 1px solid var(--rule); border-radius: 8px; }
        button { padding: 12px 24px; background: #1d63d8; color: #ffffff; font: inherit; font-weight: 600; border: 0; border-radius: 8px; cursor: pointer; }
        button:focus-visible, textarea:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        a { color: var(--accent); }
        @media (max-width: 560px) { body { padding: 8px; } main { margin: 0 auto; padding: 18px 16px; } fieldset { grid-template-columns: 1fr; } fieldset label { flex-direction: row; gap: 12px; padding: 10px 14px; text-align: start; } button { width: 100%; } }
        """
}
