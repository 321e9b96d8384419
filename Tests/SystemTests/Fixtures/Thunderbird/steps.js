// What a person does in Thunderbird, step by step, as ThunderbirdTests asks for it. Runs with the rights of its windows.
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const main = Services.wm.getMostRecentWindow("mail:3pane");
const pane = main.document.getElementById("tabmail").currentAbout3Pane;

// Waits until a question has an answer other than null, undefined, false or 0.
async function until(what, ask) {
  const end = Date.now() + 25000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    const alert = alerts()[0];
    if (alert && what != "an alert") throw new Error(`${what}: Thunderbird says ${alert.text}`);
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise(resolve => main.setTimeout(resolve, 25));
  }
}

const windows = type => Array.from(Services.wm.getEnumerator(type)).filter(window => !window.closed);
const root = () => MailServices.accounts.defaultAccount.incomingServer.rootFolder;
const folderAt = path => path.split("/").reduce((folder, name) => folder?.getChildNamed(name), root());

function alerts() {
  return windows(null).filter(window => window.location.href.includes("commonDialog"))
    .map(window => ({ window, text: window.document.getElementById("infoBody").textContent }));
}

function rows() {
  const view = pane.gDBView;
  return Array.from({ length: view?.rowCount ?? 0 }, (_, row) => {
    const header = view.getMsgHdrAt(row);
    return {
      level: view.getLevel(row),
      subject: (header.flags & Ci.nsMsgMessageFlags.HasRe ? "Re: " : "") + header.mime2DecodedSubject,
      from: header.mime2DecodedAuthor,
      isRead: header.isRead,
      isFlagged: header.isFlagged,
      isReplied: (header.flags & Ci.nsMsgMessageFlags.Replied) != 0,
      tags: header.getStringProperty("keywords"),
    };
  });
}

// A drag needs the functions that synthesize events for the tests of Mozilla itself.
function eventUtilities() {
  const scope = {
    window: pane, parent: pane, navigator: pane.navigator, KeyboardEvent: pane.KeyboardEvent, _EU_Ci: Ci, _EU_Cc: Cc,
    SpecialPowers: { wrap: value => value, unwrap: value => value, getDOMWindowUtils: window => window.windowUtils },
  };
  Services.scriptloader.loadSubScript("chrome://remote/content/external/EventUtils.js", scope);
  return scope;
}

const steps = {
  // Trusts a certificate for a host, as one does in the dialogue about it.
  trust(certificate, host, ports) {
    const made = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).constructX509FromBase64(certificate);
    const overrides = Cc["@mozilla.org/security/certoverride;1"].getService(Ci.nsICertOverrideService);
    for (const port of ports) overrides.rememberValidityOverride(host, port, {}, made, false);
  },

  // Makes the account: IMAP with STARTTLS, submission under TLS, the password remembered.
  async addAccount(host, imap, submissions, name, login, password) {
    for (const scheme of ["imap", "smtp"]) {
      const info = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
      info.init(`${scheme}://${host}`, null, `${scheme}://${host}`, login, password, "", "");
      await Services.logins.addLoginAsync(info);
    }
    const incoming = MailServices.accounts.createIncomingServer(login, host, "imap");
    incoming.port = imap;
    incoming.socketType = Ci.nsMsgSocketType.alwaysSTARTTLS;
    incoming.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
    const outgoing = MailServices.outgoingServer.createServer("smtp");
    const smtp = outgoing.QueryInterface(Ci.nsISmtpServer);
    smtp.hostname = host;
    smtp.port = submissions;
    outgoing.username = login;
    outgoing.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
    outgoing.socketType = Ci.nsMsgSocketType.SSL;
    MailServices.outgoingServer.defaultServer = outgoing;
    const identity = MailServices.accounts.createIdentity();
    identity.email = login;
    identity.fullName = name;
    identity.composeHtml = false;
    identity.smtpServerKey = outgoing.key;
    const account = MailServices.accounts.createAccount();
    account.incomingServer = incoming;
    account.addIdentity(identity);
    MailServices.accounts.defaultAccount = account;
    incoming.valid = true;
  },

  // Opens a folder and waits until it shows so many messages, threads unfolded. The rows.
  async open(path, count) {
    const folder = await until(`the folder ${path}`, () => folderAt(path));
    pane.displayFolder(folder.URI);
    await until(`the folder ${path} to open`, () => pane.gFolder?.URI == folder.URI && pane.gDBView);
    return steps.rows(count);
  },

  // Waits until the open folder shows so many messages. The rows.
  async rows(count) {
    await until(`${count} rows in ${pane.gFolder.name}, not ${JSON.stringify(rows())}`, () => {
      pane.gDBView?.doCommand(Ci.nsMsgViewCommandType.expandAll);
      return (pane.gDBView?.rowCount ?? 0) == count;
    });
    return rows();
  },

  // The paths of all folders with their flags, when a folder of this path is there.
  async folders(expected) {
    await until(`the folder ${expected}`, () => folderAt(expected));
    const all = (folder, prefix) => folder.subFolders.flatMap(child => [
      { path: prefix + child.name, isSelectable: !child.noSelect, uses: Object.entries({
        inbox: Ci.nsMsgFolderFlags.Inbox, drafts: Ci.nsMsgFolderFlags.Drafts, sent: Ci.nsMsgFolderFlags.SentMail,
        junk: Ci.nsMsgFolderFlags.Junk, trash: Ci.nsMsgFolderFlags.Trash, archive: Ci.nsMsgFolderFlags.Archive,
        templates: Ci.nsMsgFolderFlags.Templates,
      }).filter(([, flag]) => child.getFlag(flag)).map(([name]) => name) },
      ...all(child, `${prefix}${child.name}/`)]);
    return all(root(), "");
  },

  // Shows the message of a subject, and of an author if one is asked for, and waits until its text is there. The text.
  async show(subject, from) {
    const isWanted = row => row.subject == subject && row.from.includes(from);
    const row = await until(`the message ${subject} ${from}`, () => rows().findIndex(isWanted) + 1).catch(error => {
      throw new Error(`${error.message} among ${JSON.stringify(rows())}`);
    }) - 1;
    pane.threadTree.selectedIndex = row;
    const shown = await until(`the text of ${subject}`, () => {
      const window = pane.messageBrowser.contentWindow;
      return window?.msgLoaded && window.gMessage == pane.gDBView.getMsgHdrAt(row) && window;
    });
    return shown.document.getElementById("messagepane").contentDocument?.body?.textContent ?? "";
  },

  // Gives the shown message a command of the menus and keys: cmd_tag1, cmd_delete, cmd_undo, cmd_markAsFlagged…
  async command(name) {
    await until(`the command ${name}`, () => main.document.commandDispatcher && pane.commandController?.isCommandEnabled(name)
      || main.getEnabledControllerForCommand?.(name));
    main.setTimeout(() => main.goDoCommand(name));
  },

  // Drags the message of a subject to a folder, and drops it.
  async drag(subject, path) {
    const row = rows().findIndex(row => row.subject == subject);
    pane.threadTree.selectedIndex = row;
    const source = await until(`the row of ${subject}`, () => pane.threadTree.getRowAtIndex(row));
    const target = pane.folderPane.getRowForFolder(folderAt(path), "all").querySelector(".container");
    const events = eventUtilities();
    const service = Cc["@mozilla.org/widget/dragservice;1"].getService(Ci.nsIDragService);
    service.startDragSessionForTests(pane, Ci.nsIDragService.DRAGDROP_ACTION_MOVE);
    const [result, data] = events.synthesizeDragOver(source, target, null, "move", pane, pane);
    events.synthesizeDropAfterDragOver(result, data, target, pane, {});
    service.getCurrentSession(pane).endDragSession(true);
  },

  // Answers the shown message: the reply window, text above the quotation, Send. The recipients and the subject.
  async reply(text) {
    main.goDoCommand("cmd_reply");
    const compose = await until("the reply window", () =>
      windows("msgcompose").find(window => window.composeEditorReady && window.gMsgCompose));
    const editor = compose.GetCurrentEditor();
    editor.beginningOfDocument();
    editor.insertText(text + "\n");
    const result = {
      to: Array.from(compose.document.querySelectorAll("#toAddrContainer mail-address-pill"), pill => pill.fullAddress),
      subject: compose.document.getElementById("msgSubject").value,
    };
    await until("Send", () => compose.document.getElementById("cmd_sendNow").getAttribute("disabled") != "true");
    compose.goDoCommand("cmd_sendNow");
    await until("the mail to be sent", () => compose.closed);
    return result;
  },

  // Searches the texts of all folders at the server, by the dialogue Search Messages. Folders and subjects of what it
  // finds.
  async search(text) {
    main.searchAllMessages(root());
    const dialogue = await until("the search window", () =>
      windows("mailnews:search").find(window => window.document.getElementById("searchVal0")));
    const element = id => dialogue.document.getElementById(id);
    if (!element("checkSearchSubFolders").checked) element("checkSearchSubFolders").click();
    if (!element("checkSearchOnline").checked) element("checkSearchOnline").click();
    element("searchAttr0").value = String(Ci.nsMsgSearchAttrib.Body);
    const input = await until("the search term", () => element("searchVal0").querySelector("input"));
    input.value = text;
    element("search-button").click();
    await until("the search to end", () => element("search-button").getAttribute("data-l10n-id") == "search-button"
      && element("statusText").value);
    const view = element("threadTree").view;
    const cell = (row, column) => view.getCellText(row, element("threadTree").columns.getNamedColumn(column));
    const found = Array.from({ length: view.rowCount }, (_, row) => `${cell(row, "locationCol")}: ${cell(row, "subjectCol")}`);
    dialogue.close();
    return found.sort();
  },

  // Waits for an alert, closes it and gives its text.
  async alert() {
    const alert = await until("an alert", () => alerts()[0]);
    alert.window.document.querySelector("dialog").acceptDialog();
    await until("the alert to close", () => alert.window.closed);
    return alert.text;
  },

  // Waits until nothing is being read or written. What the server says while the text of a message is being read is
  // noticed by Thunderbird at its next look into the folder only.
  async rest() {
    const server = MailServices.accounts.defaultAccount.incomingServer.QueryInterface(Ci.nsIImapIncomingServer);
    await until("Thunderbird to rest", () => server.allConnectionsIdle);
  },

  // Gives the windows time to be painted, for a picture.
  paint: () => new Promise(resolve => main.setTimeout(resolve, 1000)),

  // The texts of all alerts that stand open.
  alerts: () => alerts().map(alert => alert.text),
};
