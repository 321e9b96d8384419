/// What the server says it can (RFC 3501 §6.1.1); only what works is listed.
package enum Capability: String, Equatable, Sendable, CaseIterable {
    case imap4rev1 = "IMAP4rev1"
    case literalPlus = "LITERAL+"
    case saslInitialResponse = "SASL-IR"
    case id = "ID"
    case enable = "ENABLE"
    case startTLS = "STARTTLS"
    case authPlain = "AUTH=PLAIN"
    case loginDisabled = "LOGINDISABLED"
    case idle = "IDLE"
    case namespace = "NAMESPACE"
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
    case statusSize = "STATUS=SIZE"
    case objectID = "OBJECTID"
    case xList = "XLIST"
}

extension Capability {
    /// Where a connection stands, as far as capabilities depend on it.
    package enum Phase: Equatable, Sendable {
        /// In the clear. STARTTLS is offered if a certificate is there; a password is refused unless
        /// `allowsPlaintextLogin`, which is for tests and for proxies that end TLS themselves.
        case clear(offersStartTLS: Bool, allowsPlaintextLogin: Bool)
        /// Under TLS, before login.
        case secured
        case authenticated
    }

    /// The list for a phase. Before login only what is of use then, so that clients ask again after it.
    package static func all(in phase: Phase) -> [Capability] {
        let always: [Capability] = [.imap4rev1, .literalPlus, .saslInitialResponse, .id, .enable]
        switch phase {
        case .clear(let offersStartTLS, let allowsPlaintextLogin):
            return always + (offersStartTLS ? [.startTLS] : []) + [allowsPlaintextLogin ? .authPlain : .loginDisabled]
        case .secured:
            return always + [.authPlain]
        case .authenticated:
            return always + [
                .idle, .namespace, .children, .uidPlus, .move, .specialUse, .listExtended, .listStatus, .unselect,
                .eSearch, .searchResult, .within, .condstore, .statusSize, .objectID,
            ]
        }
    }
}
