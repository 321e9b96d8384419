import MailTypes

extension ResponseWriter {
    /// A status response: tagged with a tag, else untagged. Text may hold UTF-8, which clients show as it is.
    package mutating func status(tag: String? = nil, _ response: StatusResponse) {
        if let tag { write(atom: tag) } else { write(octet: UInt8(ascii: "*")) }
        switch response.kind {
        case .ok: write(" OK ")
        case .no: write(" NO ")
        case .bad: write(" BAD ")
        case .bye: write(" BYE ")
        case .preauth: write(" PREAUTH ")
        }
        if let code = response.code {
            write(octet: UInt8(ascii: "["))
            write(code: code)
            write("] ")
        }
        // resp-text has at least one character (RFC 3501 §9).
        write(lineText: response.text.isEmpty ? "-" : response.text)
        crlf()
    }

    /// `+ text`: the client may send its literal, or IDLE has begun.
    package mutating func continuation(_ text: String = "OK") {
        write("+ ")
        write(lineText: text)
        crlf()
    }

    /// `+ ` with a SASL challenge in base64; an empty one is the space alone.
    package mutating func continuation(challenge: [UInt8]) { continuation(Base64.encode(challenge)) }

    /// `* CAPABILITY` with the names of `Capability.names(in:)`.
    package mutating func capability(_ capabilities: [String]) {
        write("* CAPABILITY")
        write(capabilities: capabilities)
        crlf()
    }

    /// `* ENABLED` (RFC 5161), possibly empty.
    package mutating func enabled(_ names: [String]) {
        write("* ENABLED")
        for name in names {
            write(octet: 0x20)
            write(atom: name)
        }
        crlf()
    }

    /// `* ID` (RFC 2971); `nil` or nothing is NIL.
    package mutating func id(_ fields: [IDField]?) {
        write("* ID ")
        if let fields, !fields.isEmpty {
            for (index, field) in fields.enumerated() {
                write(octet: index == 0 ? UInt8(ascii: "(") : 0x20)
                write(string: field.name)
                write(octet: 0x20)
                write(nstring: field.value)
            }
            write(octet: UInt8(ascii: ")"))
        } else {
            write("NIL")
        }
        crlf()
    }

    private mutating func write(capabilities: [String]) {
        for capability in capabilities {
            write(octet: 0x20)
            write(atom: capability)
        }
    }

    private mutating func write(code: ResponseCode) {
        switch code {
        case .badCharset(let names):
            write("BADCHARSET (")
            for (index, name) in names.enumerated() {
                if index > 0 { write(octet: 0x20) }
                write(atom: name)
            }
            write(octet: UInt8(ascii: ")"))
        case .capability(let capabilities):
            write("CAPABILITY")
            write(capabilities: capabilities)
        case .permanentFlags(let list, let allowsNewKeywords):
            write("PERMANENTFLAGS ")
            write(flags: list.flags, keywords: list.keywords, allowsNewKeywords: allowsNewKeywords)
        case .uidNext(let uid): write("UIDNEXT ", uid.number)
        case .uidValidity(let number): write("UIDVALIDITY ", number)
        case .unseen(let number): write("UNSEEN ", number)
        case .highestModSequence(let modSequence): write("HIGHESTMODSEQ ", modSequence.number)
        case .appendUID(let uidValidity, let uids):
            write("APPENDUID ", uidValidity)
            write(octet: 0x20)
            write(uids: uids)
        case .copyUID(let uidValidity, let sources, let destinations):
            write("COPYUID ", uidValidity)
            write(octet: 0x20)
            write(uids: sources)
            write(octet: 0x20)
            write(uids: destinations)
        case .modified(let set):
            write("MODIFIED ")
            write(set: set)
        case .mailboxID(let text):
            write("MAILBOXID (")
            write(atom: text)
            write(octet: UInt8(ascii: ")"))
        case .metadataMaximumSize(let size): write("METADATA MAXSIZE ", size)
        case .metadataLongEntries(let size): write("METADATA LONGENTRIES ", size)
        case .inProgress(let tag, let done, let total):
            write("INPROGRESS (")
            write(string: tag)
            write(" ", done)
            if let total { write(" ", total) } else { write(" NIL") }
            write(octet: UInt8(ascii: ")"))
        case .badEvent(let supported):
            write("BADEVENT (")
            for (index, (_, name)) in MailboxEvents.names.filter({ supported.contains($0.event) }).enumerated() {
                if index > 0 { write(octet: 0x20) }
                write(atom: name)
            }
            write(octet: UInt8(ascii: ")"))
        default:
            write(code.word)
        }
    }

    private mutating func write(_ word: StaticString, _ number: some FixedWidthInteger) {
        write(word)
        write(number: number)
    }
}

extension ResponseCode {
    /// The atom of a code; those with arguments are followed by them.
    fileprivate var word: StaticString {
        switch self {
        case .metadataMaximumSize, .metadataTooMany, .metadataLongEntries: "METADATA TOOMANY"
        case .inProgress: "INPROGRESS"
        case .alert: "ALERT"
        case .badCharset: "BADCHARSET"
        case .capability: "CAPABILITY"
        case .parse: "PARSE"
        case .permanentFlags: "PERMANENTFLAGS"
        case .readOnly: "READ-ONLY"
        case .readWrite: "READ-WRITE"
        case .tryCreate: "TRYCREATE"
        case .uidNext: "UIDNEXT"
        case .uidValidity: "UIDVALIDITY"
        case .unseen: "UNSEEN"
        case .appendUID: "APPENDUID"
        case .copyUID: "COPYUID"
        case .uidNotSticky: "UIDNOTSTICKY"
        case .highestModSequence: "HIGHESTMODSEQ"
        case .noModSequence: "NOMODSEQ"
        case .modified: "MODIFIED"
        case .closed: "CLOSED"
        case .notSaved: "NOTSAVED"
        case .unknownCTE: "UNKNOWN-CTE"
        case .tooBig: "TOOBIG"
        case .mailboxID: "MAILBOXID"
        case .useAttribute: "USEATTR"
        case .badEvent: "BADEVENT"
        case .notificationOverflow: "NOTIFICATIONOVERFLOW"
        case .unavailable: "UNAVAILABLE"
        case .authenticationFailed: "AUTHENTICATIONFAILED"
        case .authorizationFailed: "AUTHORIZATIONFAILED"
        case .expired: "EXPIRED"
        case .privacyRequired: "PRIVACYREQUIRED"
        case .contactAdmin: "CONTACTADMIN"
        case .noPermission: "NOPERM"
        case .inUse: "INUSE"
        case .expungeIssued: "EXPUNGEISSUED"
        case .corruption: "CORRUPTION"
        case .serverBug: "SERVERBUG"
        case .clientBug: "CLIENTBUG"
        case .cannot: "CANNOT"
        case .limit: "LIMIT"
        case .overQuota: "OVERQUOTA"
        case .alreadyExists: "ALREADYEXISTS"
        case .nonExistent: "NONEXISTENT"
        case .hasChildren: "HASCHILDREN"
        }
    }
}
