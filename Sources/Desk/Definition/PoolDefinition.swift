package import MailTypes

/// A topic: a set of supervised addresses with members, calendar, deadlines and texts.
package struct PoolDefinition: Equatable, Sendable {
    /// NFC, unique after folding, without `/ * %` and controls: it stands in mailbox names.
    package var name: String
    /// What the stamp shows for `{prefix}`; `nil`: nothing.
    package var prefix: String?
    /// At least one; the first is the one that answers go out from.
    package var addresses: [PoolAddress]
    /// The display name of outgoing mail; `nil`: the pool's name.
    package var senderName: String?
    package var members: [PoolMember]
    /// Logins of those who see this pool as supervisors.
    package var supervisors: [String]
    /// `nil`: around the clock.
    package var calendar: String?
    /// `nil`: no deadline.
    package var firstAnswerWithin: WorkingTime?
    /// `nil`: no deadline.
    package var solveWithin: WorkingTime?
    /// Deadlines of cases of some priority, where they differ from the house's and from the two above.
    package var priorities: [Priority: ActionTimes]
    /// Waiting and done cases close after this idle time; `nil`: as the house says.
    package var closeAfter: Duration?
    /// The automatic answer to a new case; `nil`: none.
    package var autoReply: AutoReplyChoice?
    /// The one outside working hours; `nil`: as within them.
    package var autoReplyClosed: AutoReplyChoice?
    /// The template of the mail that tells the customer that a case is over, and asks for a rating; `nil`: none leaves.
    package var closingMail: String?
    /// What its customers read: closing mails and the page that takes ratings; `nil`: the house's.
    package var language: Language?
    /// Strict first come, first served: New is hidden, only Next gives cases. Default `false`.
    package var takeNextOnly: Bool
    /// Whether a member may take a colleague's case by a move to INBOX. Default `false`.
    package var mayTakeOver: Bool
    /// What members see in `Pools/<name>`. Default `all`.
    package var membersSee: MembersSee
    /// What deleting a case means for those without the delete right. Default `trash`: it is refused to them.
    package var deleteMeans: DeleteMeans
    /// Whether a star sets the priority for everybody instead of being personal. Default `false`.
    package var starMeansPriority: Bool
    /// Whether the receipts of agents' clients leave (RFC 8098). Default `false`: they are dropped.
    package var receipts: Bool
    /// Whether what people do to a case stands in its thread as short messages, too. Default `false`.
    package var eventMails: Bool

    /// What agents answer about its cases.
    package var questions: [QuestionDefinition]

    /// What members see of a pool's cases.
    package enum MembersSee: String, CaseIterable, Sendable {
        case all
        /// Their own and the unassigned.
        case own
    }

    /// What `\Deleted` and a move to Trash mean.
    package enum DeleteMeans: String, CaseIterable, Sendable {
        /// To Trash, for those with the right; others are refused.
        case trash
        /// The case becomes done.
        case done
    }

    package init(
        name: String, prefix: String? = nil, addresses: [PoolAddress], senderName: String? = nil,
        members: [PoolMember] = [], supervisors: [String] = [], calendar: String? = nil,
        firstAnswerWithin: WorkingTime? = nil, solveWithin: WorkingTime? = nil,
        priorities: [Priority: ActionTimes] = [:], closeAfter: Duration? = nil, autoReply: AutoReplyChoice? = nil,
        autoReplyClosed: AutoReplyChoice? = nil, takeNextOnly: Bool = false, mayTakeOver: Bool = false,
        membersSee: MembersSee = .all, deleteMeans: DeleteMeans = .trash, starMeansPriority: Bool = false,
        receipts: Bool = false, eventMails: Bool = false, questions: [QuestionDefinition] = [],
        closingMail: String? = nil, language: Language? = nil
    ) {
        (self.closingMail, self.language) = (closingMail, language)
        self.questions = questions
        self.receipts = receipts
        self.name = name
        self.prefix = prefix
        self.addresses = addresses
        self.senderName = senderName
        self.members = members
        self.supervisors = supervisors
        self.calendar = calendar
        self.firstAnswerWithin = firstAnswerWithin
        self.solveWithin = solveWithin
        self.priorities = priorities
        self.closeAfter = closeAfter
        self.autoReply = autoReply
        self.autoReplyClosed = autoReplyClosed
        self.takeNextOnly = takeNextOnly
        self.mayTakeOver = mayTakeOver
        self.membersSee = membersSee
        self.deleteMeans = deleteMeans
        self.starMeansPriority = starMeansPriority
        self.eventMails = eventMails
    }
}

/// A supervised address: what customers write to.
package struct PoolAddress: Equatable, Sendable {
    /// Its local part has at most 24 octets, so that a signed reply address fits into 64 (RFC 5321 §4.5.3.1.1).
    package var address: EmailAddress
    /// `nil`: as the pool says.
    package var autoReply: AutoReplyChoice?
    /// Outside working hours; `nil`: as the pool says, or as `autoReply` here where that is given.
    package var autoReplyClosed: AutoReplyChoice?
    /// What agents answer about cases that came to it, beside the pool's questions.
    package var questions: [QuestionDefinition]

    package init(
        address: EmailAddress, autoReply: AutoReplyChoice? = nil, autoReplyClosed: AutoReplyChoice? = nil,
        questions: [QuestionDefinition] = []
    ) {
        self.questions = questions
        self.address = address
        self.autoReply = autoReply
        self.autoReplyClosed = autoReplyClosed
    }

    /// The longest local part of a supervised address.
    package static let maximumLocalPartLength = 24
}

/// An agent's place in a pool.
package struct PoolMember: Equatable, Sendable {
    package var login: String
    /// Pick-up priority among the agent's own pools: 1 is picked first.
    package var priority: Int

    package init(login: String, priority: Int = 1) {
        self.login = login
        self.priority = priority
    }
}

/// Which automatic answer goes out.
package enum AutoReplyChoice: Equatable, Sendable {
    /// None at all: `none` in the desk file.
    case silent
    /// The template of this name.
    case template(String)
}
