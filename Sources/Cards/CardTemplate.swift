/// The templates of a card; `CardView.fields` fills them. Labels and facts come in the language of the card, so that both
/// languages have one layout.
enum CardTemplate {
    /// The plain text. Lines begin with a label or a dash, never with what a customer wrote.
    static let text = """
        {{% CONTENT_TYPE:TEXT}}
        {{case}} {{stamp}} {{title}}
        {{status}}{{#overdue}} · {{word}}{{/overdue}} · {{statusLine}}
        {{#notices}}

        ! {{text}}
        {{#links}}
        {{label}}: {{href}}
        {{/links}}
        {{/notices}}

        {{#facts}}
        {{label}}: {{text}}
        {{/facts}}
        {{#hasTags}}
        {{tagsLabel}}: {{#tags}}{{^first()}}, {{/first()}}{{tag}}{{/tags}}
        {{/hasTags}}
        {{#sections}}

        {{title}}
        {{#rows}}
        - {{label}}: {{text}}
        {{#links}}
        {{label}}: {{href}}
        {{/links}}
        {{/rows}}
        {{/sections}}

        {{#buttons}}
        {{label}}: {{href}}
        {{/buttons}}

        {{footer}}

        """

    /// The HTML: tables, since Outlook lays out nothing else; colours inline for programs that read no style sheet, and
    /// again for the dark in one. Nothing is loaded from anywhere.
    static let html = """
        {{% CONTENT_TYPE:CARD}}
        <!DOCTYPE html>
        <html lang="{{language}}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="supported-color-schemes" content="light dark">
        <title>{{stamp}} {{title}}</title>
        <style>
        :root { color-scheme: light dark; supported-color-schemes: light dark; }
        a.button:hover { text-decoration: underline !important; }
        @media (max-width: 520px) {
        td.cell, td.label, td.value { display: block !important; width: auto !important; }
        td.label { padding-bottom: 0 !important; }
        td.value { padding-top: 0 !important; }
        td.outer { padding: 4px !important; }
        }
        @media (prefers-color-scheme: dark) {
        body, td.outer { background: #15181d !important; }
        table.card { background: #20242b !important; border-color: {{accent}} #383f4a #383f4a #383f4a !important; }
        .ink, h1, h2 { color: #e8ebf0 !important; }
        .soft { color: #9ba6b5 !important; }
        .rule { border-color: #383f4a !important; }
        .alert { color: #ff8a80 !important; }
        td.notice { background: #3a3117 !important; border-color: #6d5a1e !important; color: #f6e3a8 !important; }
        td.notice a { color: #ffd968 !important; }
        span.tag { background: #323945 !important; color: #d5dbe4 !important; }
        a.button { background: #2b313a !important; border-color: #4a5462 !important; color: #d9e4f5 !important; }
        a.first { background: #2f6fe0 !important; border-color: #2f6fe0 !important; color: #ffffff !important; }
        a.inline { color: #8ab4ff !important; }
        }
        </style>
        </head>
        <body style="margin:0;padding:0;background:#ffffff;">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="outer" style="padding:12px;">
        <table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:680px;background:#ffffff;border:1px solid #d8dee6;border-top:4px solid {{accent}};border-radius:8px;border-collapse:separate;font-family:'Segoe UI',system-ui,-apple-system,Roboto,'Noto Sans','DejaVu Sans',Arial,sans-serif;font-size:14px;line-height:1.45;">
        <tr><td style="padding:16px 18px 12px 18px;">
        <span style="display:inline-block;padding:2px 10px;border-radius:11px;background:{{statusColor}};color:#ffffff;font-size:12px;font-weight:600;">{{status}}</span>
        {{#overdue}}
        <span style="display:inline-block;padding:2px 10px;border-radius:11px;background:#c62828;color:#ffffff;font-size:12px;font-weight:600;">&#9873; {{word}}</span>
        {{/overdue}}
        <span class="soft" style="color:#5d6b7e;font-size:12px;padding-left:6px;">{{statusLine}}</span>
        <h1 class="ink" style="margin:10px 0 0 0;font-size:19px;line-height:1.3;font-weight:600;color:#1c2430;"><span class="soft" style="color:#5d6b7e;font-weight:400;">{{stamp}}</span> <bdi>{{title}}</bdi></h1>
        </td></tr>
        {{#hasNotices}}
        <tr><td style="padding:0 18px 8px 18px;"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="notice" style="padding:6px 14px;background:#fff6dc;border:1px solid #ecd58a;border-radius:6px;color:#5c4700;">
        {{#notices}}
        <p style="margin:4px 0;">&#8226;&nbsp; <bdi>{{text}}</bdi>{{#links}} <a href="{{href}}" style="color:#7a4f00;font-weight:600;white-space:nowrap;">{{label}}</a>{{/links}}</p>
        {{/notices}}
        </td></tr></table></td></tr>
        {{/hasNotices}}
        <tr><td style="padding:4px 18px 6px 18px;"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
        {{#factRows}}
        <tr>
        {{#cells}}
        <td class="cell" width="50%" valign="top" style="width:50%;padding:4px 12px 6px 0;"><span class="soft" style="color:#5d6b7e;font-size:12px;">{{label}}</span><br><span class="{{#alert}}alert{{/alert}}{{^alert}}ink{{/alert}}" style="color:{{#alert}}#b3261e;font-weight:600{{/alert}}{{^alert}}#1c2430{{/alert}};"><bdi>{{text}}</bdi></span></td>
        {{/cells}}
        </tr>
        {{/factRows}}
        </table></td></tr>
        {{#hasTags}}
        <tr><td style="padding:0 18px 10px 18px;">{{#tags}}<span class="tag" style="display:inline-block;margin:0 6px 4px 0;padding:1px 9px;border-radius:10px;background:#e8edf4;color:#2e3a4a;font-size:12px;"><bdi>{{tag}}</bdi></span> {{/tags}}</td></tr>
        {{/hasTags}}
        <tr><td class="rule" style="padding:12px 18px 8px 18px;border-top:1px solid #e4e9ef;">
        {{#buttons}}
        <a href="{{href}}" class="button{{#first}} first{{/first}}" style="display:inline-block;margin:0 5px 8px 0;padding:5px 11px;border-radius:6px;border:1px solid {{#first}}#1d63d8{{/first}}{{^first}}#c5cedb{{/first}};background:{{#first}}#1d63d8{{/first}}{{^first}}#f6f8fb{{/first}};color:{{#first}}#ffffff{{/first}}{{^first}}#24405f{{/first}};font-size:13px;font-weight:600;text-decoration:none;white-space:nowrap;">{{label}}</a><!--[if mso]>&nbsp; <![endif]-->
        {{/buttons}}
        </td></tr>
        {{#sections}}
        <tr><td class="rule" style="padding:12px 18px;border-top:1px solid #e4e9ef;">
        <h2 class="ink" style="margin:0 0 4px 0;font-size:14px;font-weight:600;color:#1c2430;">{{title}}</h2>
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
        {{#rows}}
        <tr><td class="label soft" width="130" valign="top" style="width:130px;padding:2px 12px 2px 0;color:#5d6b7e;"><bdi>{{label}}</bdi></td><td class="value {{#alert}}alert{{/alert}}{{^alert}}ink{{/alert}}" valign="top" style="padding:2px 0;color:{{#alert}}#b3261e{{/alert}}{{^alert}}#1c2430{{/alert}};word-break:break-word;"><bdi>{{text}}</bdi>{{#links}} <a href="{{href}}" class="inline" style="color:#1d63d8;font-weight:600;white-space:nowrap;">{{label}}</a>{{/links}}</td></tr>
        {{/rows}}
        </table>
        </td></tr>
        {{/sections}}
        <tr><td class="rule soft" style="padding:10px 18px 12px 18px;border-top:1px solid #e4e9ef;color:#5d6b7e;font-size:12px;">{{footer}}</td></tr>
        </table>
        </td></tr></table>
        </body>
        </html>

        """
}
