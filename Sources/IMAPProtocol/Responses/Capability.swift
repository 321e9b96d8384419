/// A capability by its registered name (RFC 3501 §6.1.1). What the server says of each, and when, stands in
/// `Capability.table`; only what works has a row there.
package enum Capability: String, Hashable, Sendable, CaseIterable {
    case imap4rev1 = "IMAP4rev1"
    case imap4rev2 = "IMAP4rev2"
    case literalPlus = "LITERAL+"
    case saslInitialResponse = "SASL-IR"
    case id = "ID"
    case enable = "ENABLE"
    case startTLS = "STARTTLS"
    case authentication = "AUTH"
    case loginDisabled = "LOGINDISABLED"
    case idle = "IDLE"
    case namespace = "NAMESPACE"
    case notify = "NOTIFY"
    case children = "CHILDREN"
    case uidPlus = "UIDPLUS"
    case move = "MOVE"
    case specialUse = "SPECIAL-USE"
    case listExtended = "LIST-EXTENDED"
    case listStatus = "LIST-STATUS"
    case unselect = "UNSELECT"
    case eSearch = "ESEARCH"
    case searchResult = "SEARCHRES"
    case within = "WITHIN"
    case condstore = "CONDSTORE"
    case quickResynchronization = "QRESYNC"
    case statusSize = "STATUS=SIZE"
    case objectID = "OBJECTID"
    case binary = "BINARY"
    case multiAppend = "MULTIAPPEND"
    case replace = "REPLACE"
    case saveDate = "SAVEDATE"
    case preview = "PREVIEW"
    case sort = "SORT"
    case sortDisplay = "SORT=DISPLAY"
    case eSort = "ESORT"
    case threadReferences = "THREAD=REFERENCES"
    case threadOrderedSubject = "THREAD=ORDEREDSUBJECT"
    case quota = "QUOTA"
    case quotaStorage = "QUOTA=RES-STORAGE"
    case quotaMessage = "QUOTA=RES-MESSAGE"
    case acl = "ACL"
    case rights = "RIGHTS"
    case metadata = "METADATA"
    case appendLimit = "APPENDLIMIT"
    case inProgress = "INPROGRESS"
    case utf8Accept = "UTF8=ACCEPT"
    case xList = "XLIST"
}

extension Capability {
    /// The one table of what is offered, to whom and when, in the order of the list on the wire. A capability that is
    /// not offered to an account is unknown to it: see `Command.capability` for the commands that go with it.
    package static let table: [Row] = [
        Row(.imap4rev1, .always, .fixed),
        Row(.literalPlus, .always, .fixed),
        Row(.saslInitialResponse, .always, .fixed),
        Row(.id, .always),
        Row(.enable, .always),
        Row(.imap4rev2, .always, needs: [.enable]),
        Row(.startTLS, .beforeLogin(.inTheClearWithCertificate), .fixed),
        Row(.loginDisabled, .beforeLogin(.whereNoPasswordIsTaken), .fixed),
        Row(.authentication, .beforeLogin(.always), .fixed, values: { $0.mechanisms.map(\.rawValue) }),
        Row(.idle, .afterLogin),
        Row(.namespace, .afterLogin),
        Row(.notify, .afterLogin),
        Row(.children, .afterLogin),
        Row(.uidPlus, .afterLogin),
        Row(.move, .afterLogin),
        Row(.specialUse, .afterLogin),
        Row(.listExtended, .afterLogin),
        Row(.listStatus, .afterLogin, needs: [.listExtended]),
        Row(.unselect, .afterLogin),
        Row(.eSearch, .afterLogin),
        Row(.searchResult, .afterLogin, needs: [.eSearch]),
        Row(.preview, .afterLogin),
        Row(.sort, .afterLogin),
        Row(.sortDisplay, .afterLogin, needs: [.sort]),
        Row(.eSort, .afterLogin, needs: [.sort, .eSearch]),
        Row(.threadReferences, .afterLogin),
        Row(.threadOrderedSubject, .afterLogin),
        Row(.within, .afterLogin),
        Row(.condstore, .afterLogin),
        Row(.quickResynchronization, .afterLogin, needs: [.condstore, .enable]),
        Row(.statusSize, .afterLogin),
        Row(.objectID, .afterLogin),
        Row(.binary, .afterLogin),
        Row(.multiAppend, .afterLogin),
        Row(.replace, .afterLogin),
        Row(.saveDate, .afterLogin),
        Row(.quota, .afterLogin),
        Row(.quotaStorage, .afterLogin, needs: [.quota]),
        Row(.quotaMessage, .afterLogin, needs: [.quota]),
        Row(.acl, .afterLogin),
        // What became of `c` and `d` of RFC 2086 (RFC 4314 §2.2).
        Row(.rights, .afterLogin, needs: [.acl]) { _ in ["kxte"] },
        Row(.metadata, .afterLogin),
        Row(.appendLimit, .afterLogin) { ["\($0.appendLimit)"] },
        Row(.inProgress, .afterLogin),
        Row(.utf8Accept, .afterLogin, needs: [.enable]),
        // Understood of old clients that take it for granted; a server of today does not advertise it.
        Row(.xList, .never),
    ]
}
