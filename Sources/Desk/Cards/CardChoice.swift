/// Whether an account sees the cards of cases, and in which language; the raw value is what the desk file writes.
///
/// By itself an account sees cards in the language that it had when it first saw one. They stay in it when the names of
/// the folders change their language: other messages under the UIDs that a client has would mean a new UIDVALIDITY for
/// every mailbox, and the client fetching all of them anew. Who wants that names the language, and gets it.
package enum CardChoice: String, CaseIterable, Sendable {
    case shown = "true"
    case hidden = "false"
    case english = "en"
    case polish = "pl"

    /// What is kept of the choice with the account, given what was kept so far (empty: nothing) and its language.
    package func kept(_ before: String, _ language: Language) -> String {
        switch self {
        case .hidden: CardChoice.hidden.rawValue
        case .english, .polish: rawValue
        case .shown: Language(rawValue: before) == nil ? language.rawValue : before
        }
    }
}
