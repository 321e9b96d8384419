/// An account: somebody who answers, supervises or administers.
package struct AgentDefinition: Equatable, Sendable {
    /// What is typed into the mail client; unique after folding, need not be a mailbox.
    package var login: String
    package var name: String
    package var role: Role
    package var rights: Set<Right>
    /// `nil`: the language of the house.
    package var language: Language?
    /// Counts only for an account without a credential, and is in no export.
    package var initialPassword: String?
    /// An inactive agent cannot log in and is offered nothing; cases and history stay under the name.
    package var active: Bool
    /// IMAP capabilities that are neither offered to the account nor carried out, for a client that stumbles over them.
    package var imapWithout: [String]
    /// What the account's own mail may take, where it differs from the house's.
    package var quota: QuotaDefinition
    /// `nil`: none.
    package var signature: SignatureDefinition?
    /// Whether the account sees the cards of cases. Default: in its own language.
    package var card: CardChoice
    /// A name of the time zone database; `nil`: the desk's.
    package var timeZone: String?
    package var absences: [AbsenceDefinition]

    package init(
        login: String, name: String, role: Role = .agent, rights: Set<Right> = [], language: Language? = nil,
        initialPassword: String? = nil, active: Bool = true, imapWithout: [String] = [],
        quota: QuotaDefinition = QuotaDefinition(), signature: SignatureDefinition? = nil,
        card: CardChoice = .shown, timeZone: String? = nil, absences: [AbsenceDefinition] = []
    ) {
        self.login = login
        self.name = name
        self.role = role
        self.rights = rights
        self.language = language
        self.initialPassword = initialPassword
        self.active = active
        self.imapWithout = imapWithout
        self.quota = quota
        self.signature = signature
        self.card = card
        self.timeZone = timeZone
        self.absences = absences
    }
}

/// Limits of personal mail: Private/…, Drafts, Sent and Templates of one account. Cases count for nobody.
package struct QuotaDefinition: Equatable, Sendable {
    /// Octets; `nil`: as the house has it.
    package var storage: Int?
    /// Messages; `nil`: as the house has it.
    package var messages: Int?

    package init(storage: Int? = nil, messages: Int? = nil) { (self.storage, self.messages) = (storage, messages) }
}

/// What kind of work an account does; the raw value is what the desk file writes.
package enum Role: String, CaseIterable, Sendable {
    case agent
    /// An agent whose outgoing mail needs approval.
    case trainee
    /// Sees the pools that name it among their `supervisors`; the role alone shows none.
    case supervisor
    /// Sees every pool.
    case admin
}

/// Something that not every account may do; the raw value is what the desk file writes.
package enum Right: String, CaseIterable, Sendable {
    /// Moves cases to Trash.
    case delete
    /// Creates, renames and deletes under `Folders/`.
    case folders
}

extension AgentDefinition: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Login and role; never the password.
    package var description: String { "\(login) (\(role.rawValue)\(active ? "" : ", inactive"))" }
    package var debugDescription: String { description }
    /// Keeps `dump` and test failures from printing the password.
    package var customMirror: Mirror {
        Mirror(self, children: ["login": login, "name": name, "role": role, "rights": rights, "active": active])
    }
}
