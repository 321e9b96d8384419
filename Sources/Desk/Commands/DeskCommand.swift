package import MailTypes

/// What an agent tells the desk in a line of a mail (DESIGN §4), with its values read. Names of agents, pools, templates
/// and the like are as they were written: whether they exist, the one who carries the command out knows.
package enum DeskCommand: Equatable, Sendable {
    case take
    case new
    case waiting
    case done
    case close
    case spam
    case assign(String)
    case group(String)
    case pool(String)
    case category(String)
    case priority(Priority)
    case tag([String])
    case untag([String])
    /// `nil`: no deadline by hand.
    case due(LocalMoment?)
    case send(LocalMoment)
    case recall
    case replace
    /// What stood behind the word begins the note.
    case note(String?)
    case consult(String)
    case forward(Forward)
    case cc([EmailAddress])
    case approve
    /// `nil`: the mail's own text is the reason.
    case reject(String?)
    case merge(Merge)
    case split
    case customer(CustomerChange)
    case template(String)
    case answer(question: String, value: String)
    case find(String)
    case follow
    case unfollow
    /// `nil`: here again.
    case away(Absence?)
    case from(NamedAddress)
    case source(Source)
    case each

    /// To whom the correspondence goes on, and how.
    package struct Forward: Equatable, Sendable {
        package var recipients: [EmailAddress]
        /// Whether internal notes go with it. Default `false`.
        package var withNotes: Bool
        /// Whether the answer comes back into the case. Default `true`.
        package var answerReturns: Bool

        package init(recipients: [EmailAddress], withNotes: Bool = false, answerReturns: Bool = true) {
            (self.recipients, self.withNotes, self.answerReturns) = (recipients, withNotes, answerReturns)
        }
    }

    /// The cases that this one is joined with.
    package struct Merge: Equatable, Sendable {
        package var others: [TicketNumber]
        /// Although they are of different customers.
        package var anyway: Bool
        /// Whether the customer is told.
        package var notify: Bool
        /// They are to be cases by themselves again.
        package var undo: Bool

        package init(others: [TicketNumber], anyway: Bool = false, notify: Bool = false, undo: Bool = false) {
            (self.others, self.anyway, self.notify, self.undo) = (others, anyway, notify, undo)
        }
    }

    /// What becomes of the case's customer.
    package enum CustomerChange: Equatable, Sendable {
        /// The case belongs to the customer of this address or name, with or without the earlier cases of its address.
        case attach(String, withEarlier: Bool)
        /// The case belongs to nobody.
        case detach(withEarlier: Bool)
        /// What is known of the customer; without a value it is forgotten.
        case set(field: String, value: String?)
    }

    /// From the first day to the last, both included.
    package struct Absence: Equatable, Sendable {
        package var first: CalendarDate
        package var last: CalendarDate
        /// `nil`: as the account has it.
        package var substitute: String?

        package init(first: CalendarDate, last: CalendarDate, substitute: String? = nil) {
            (self.first, self.last, self.substitute) = (first, last, substitute)
        }
    }

    /// By which way a customer's request came.
    package enum Source: String, CaseIterable, Sendable {
        case phone, mail, sms, chat, web, letter
        case inPerson = "in-person"
    }
}

/// A day, or a minute of it, on the clock of the desk.
package struct LocalMoment: Hashable, Sendable {
    package var date: CalendarDate
    /// Since midnight; `nil`: the day as such.
    package var minute: Int?

    package init(date: CalendarDate, minute: Int? = nil) { (self.date, self.minute) = (date, minute) }
}
