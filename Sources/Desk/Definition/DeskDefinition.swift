package import MailTypes

/// The whole desk as its file says it: who answers what (DESIGN §9). The order of the file is kept everywhere; names
/// that refer to another part (a member's login, a rule's pool) are spelled as that part spells itself.
package struct DeskDefinition: Equatable, Sendable {
    /// `note@` and `desk@` of submitted mail live here.
    package var domain: DomainName
    /// The pool that gets `postmaster@` and `abuse@` of every domain.
    package var postmaster: String
    /// The house's language: folder names, cards, templates.
    package var language: Language
    /// A name of the time zone database, `Europe/Warsaw`; checked where that database is at hand.
    package var timeZone: String
    /// The form of the case number in a subject: `{number}` exactly once, `{prefix}` at most once.
    package var stamp: String
    /// How long what leaves can be recalled.
    package var undo: Duration
    /// A customer's mail into a case closed longer ago opens a new, linked case.
    package var reopenWithin: Duration
    /// Waiting and done cases close after this idle time.
    package var closeAfter: Duration
    /// Cases of spam without outbound mail go this long after they were moved there.
    package var purgeSpamAfter: Duration
    /// Deadlines of cases of some priority in every pool that says nothing else for it.
    package var priorities: [Priority: ActionTimes]
    /// The caps of automatic answers.
    package var autoReplyLimits: AutoReplyLimits
    /// What was deleted goes for good this long after it went to Trash.
    package var purgeTrashAfter: Duration
    /// How long a case in Next is kept for the one it is offered to.
    package var offerFor: Duration
    /// Octets that an account's own mail may take, where the account says nothing else.
    package var quota: Int
    /// Messages that an account's own mail may be, where the account says nothing else.
    package var quotaMessages: Int
    package var calendars: [CalendarDefinition]
    /// Values that questions offer.
    package var dictionaries: [DictionaryDefinition] = []
    package var agents: [AgentDefinition]
    package var groups: [GroupDefinition]
    package var pools: [PoolDefinition]
    package var departments: [DepartmentDefinition]
    /// The company's custom folders, as they stand under `Folders/`.
    package var folders: [String]
    /// Tried in this order on every incoming mail, until one says `stop`.
    package var rules: [RuleDefinition]
    package var templates: [TemplateDefinition]

    /// A desk with documented defaults: English, UTC, `[{prefix}#{number}]`, 30 seconds to recall, a year to reopen,
    /// 30 days to close and to purge spam and Trash, ten minutes for an offer in Next, 2 GB and a million messages of one's own.
    package init(
        domain: DomainName, postmaster: String, language: Language = .english, timeZone: String = "UTC",
        stamp: String = "[{prefix}#{number}]", undo: Duration = .seconds(30),
        reopenWithin: Duration = .seconds(365 * 86400), closeAfter: Duration = .seconds(30 * 86400),
        purgeSpamAfter: Duration = .seconds(30 * 86400), purgeTrashAfter: Duration = .seconds(30 * 86400),
        offerFor: Duration = .seconds(600), priorities: [Priority: ActionTimes] = [:],
        autoReplyLimits: AutoReplyLimits = AutoReplyLimits(),
        quota: Int = 2_000_000_000, quotaMessages: Int = 1_000_000, calendars: [CalendarDefinition] = [],
        agents: [AgentDefinition] = [], groups: [GroupDefinition] = [], pools: [PoolDefinition] = [],
        departments: [DepartmentDefinition] = [], folders: [String] = [], rules: [RuleDefinition] = [],
        templates: [TemplateDefinition] = []
    ) {
        self.domain = domain
        self.postmaster = postmaster
        self.language = language
        self.timeZone = timeZone
        self.stamp = stamp
        self.undo = undo
        self.reopenWithin = reopenWithin
        self.closeAfter = closeAfter
        self.purgeSpamAfter = purgeSpamAfter
        self.priorities = priorities
        self.autoReplyLimits = autoReplyLimits
        self.purgeTrashAfter = purgeTrashAfter
        self.offerFor = offerFor
        self.quota = quota
        self.quotaMessages = quotaMessages
        self.calendars = calendars
        self.agents = agents
        self.groups = groups
        self.pools = pools
        self.departments = departments
        self.folders = folders
        self.rules = rules
        self.templates = templates
    }
}

/// A language of folder names, cards and texts; the raw value is what the desk file writes.
package enum Language: String, CaseIterable, Sendable {
    case english = "en"
    case polish = "pl"
}

/// A named set of agents that a case can be assigned to.
package struct GroupDefinition: Equatable, Sendable {
    package var name: String
    /// Logins.
    package var members: [String]

    package init(name: String, members: [String]) {
        self.name = name
        self.members = members
    }
}

/// A unit outside the desk that is consulted by plain mail.
package struct DepartmentDefinition: Equatable, Sendable {
    package var name: String
    package var addresses: [EmailAddress]
    /// Counted in the department's calendar, or around the clock without one; `nil`: never late.
    package var answerWithin: WorkingTime?
    /// The template of the reminder that goes out when the answer is late; `nil`: none.
    package var remind: String?
    /// How often the reminder is repeated; `nil`: once only.
    package var remindEvery: WorkingTime?
    package var calendar: String?

    package init(
        name: String, addresses: [EmailAddress], answerWithin: WorkingTime? = nil, remind: String? = nil,
        remindEvery: WorkingTime? = nil, calendar: String? = nil
    ) {
        self.name = name
        self.addresses = addresses
        self.answerWithin = answerWithin
        self.remind = remind
        self.remindEvery = remindEvery
        self.calendar = calendar
    }
}

/// A text of the house with `${…}` fields.
package struct TemplateDefinition: Equatable, Sendable {
    package var name: String
    /// `nil`: the subject of the case.
    package var subject: String?
    package var text: String

    package init(name: String, subject: String? = nil, text: String) {
        self.name = name
        self.subject = subject
        self.text = text
    }
}
