package import MailTypes

/// What is known where a text is filled in. What is not known is `nil`.
package struct TemplateFacts: Equatable, Sendable {
    package struct CaseFacts: Equatable, Sendable {
        package var number: TicketNumber
        package var stamp: String
        package var subject: String
        package var status: TicketStatus
        package var priority: Priority?
        package var category: String?
        package var opened: LocalMoment
        package var answerDue: LocalMoment?
        package var due: LocalMoment?

        package init(number: TicketNumber, stamp: String, subject: String, status: TicketStatus, opened: LocalMoment) {
            (self.number, self.stamp, self.subject, self.status) = (number, stamp, subject, status)
            self.opened = opened
        }
    }

    package struct CustomerFacts: Equatable, Sendable {
        package var name: String?
        package var address: EmailAddress?
        package var firm: String?
        package var phone: String?

        package init(name: String? = nil, address: EmailAddress? = nil, firm: String? = nil, phone: String? = nil) {
            (self.name, self.address, self.firm, self.phone) = (name, address, firm, phone)
        }
    }

    package struct PoolFacts: Equatable, Sendable {
        package var definition: PoolDefinition
        /// That the pool's mail is from.
        package var address: EmailAddress?

        package init(definition: PoolDefinition, address: EmailAddress? = nil) {
            (self.definition, self.address) = (definition, address)
        }
    }

    package struct ConsultationFacts: Equatable, Sendable {
        package var department: String
        package var question: String
        package var asked: LocalMoment
        package var due: LocalMoment?

        package init(department: String, question: String, asked: LocalMoment, due: LocalMoment? = nil) {
            (self.department, self.question, self.asked, self.due) = (department, question, asked, due)
        }
    }

    package struct RatingFacts: Equatable, Sendable {
        /// A line for each rating.
        package var links: String
        package var link: String

        package init(links: String, link: String) { (self.links, self.link) = (links, link) }
    }

    package var ticket: CaseFacts?
    package var customer: CustomerFacts?
    package var pool: PoolFacts?
    /// An agent's address leaves with no mail.
    package var agentName: String?
    package var consultation: ConsultationFacts?
    /// Of a closing mail.
    package var rating: RatingFacts?
    /// The clock of the desk.
    package var now: LocalMoment

    package init(
        ticket: CaseFacts? = nil, customer: CustomerFacts? = nil, pool: PoolFacts? = nil, agentName: String? = nil,
        consultation: ConsultationFacts? = nil, now: LocalMoment
    ) {
        (self.ticket, self.customer, self.pool, self.agentName) = (ticket, customer, pool, agentName)
        (self.consultation, self.now) = (consultation, now)
    }

    /// What stands in a field's place; `nil`: nothing is known.
    package func value(of field: TemplateField, in language: Language) -> String? {
        func day(_ moment: LocalMoment?) -> String? { moment.map { CalendarWords.text($0, in: language) } }
        switch field {
        case .caseNumber: return ticket?.number.description
        case .caseStamp: return ticket?.stamp
        case .caseSubject: return ticket?.subject
        case .caseStatus: return ticket?.status.words(in: language)
        case .casePriority: return ticket?.priority?.word(in: language)
        case .caseCategory: return ticket?.category
        case .caseOpened: return day(ticket?.opened)
        case .caseAnswerDue: return day(ticket?.answerDue)
        case .caseDue: return day(ticket?.due)
        case .customerName: return customer.flatMap { $0.name ?? $0.address?.description }
        case .customerAddress: return customer?.address?.description
        case .customerFirm: return customer?.firm
        case .customerPhone: return customer?.phone
        case .poolName: return pool?.definition.name
        case .poolSenderName: return pool.map { $0.definition.senderName ?? $0.definition.name }
        case .poolAddress: return (pool?.address ?? pool?.definition.addresses.first?.address)?.description
        case .poolFirstAnswerWithin: return time(pool?.definition.firstAnswerWithin, language, .nominative)
        case .poolFirstAnswerWithinGenitive: return time(pool?.definition.firstAnswerWithin, language, .genitive)
        case .poolSolveWithin: return time(pool?.definition.solveWithin, language, .nominative)
        case .poolSolveWithinGenitive: return time(pool?.definition.solveWithin, language, .genitive)
        case .agentName: return agentName
        case .consultationDepartment: return consultation?.department
        case .consultationQuestion: return consultation?.question
        case .consultationAsked: return day(consultation?.asked)
        case .consultationDue: return day(consultation?.due)
        case .ratingLinks: return rating?.links
        case .ratingLink: return rating?.link
        case .today: return day(LocalMoment(date: now.date))
        case .now: return day(now)
        }
    }

    private func time(_ time: WorkingTime?, _ language: Language, _ polishCase: WorkingTime.PolishCase) -> String? {
        time?.words(in: language, isWorkingTime: pool?.definition.calendar != nil, polishCase)
    }
}

extension TicketStatus {
    /// The status as a person reads it.
    package func words(in language: Language) -> String {
        switch (self, language) {
        case (.new, .english): "new"
        case (.assigned, .english): "assigned"
        case (.inProgress, .english): "in progress"
        case (.consultation, .english): "consultation"
        case (.approval, .english): "approval"
        case (.waiting, .english): "waiting"
        case (.done, .english): "done"
        case (.closed, .english): "closed"
        case (.spam, _): "spam"
        case (.new, .polish): "nowa"
        case (.assigned, .polish): "przypisana"
        case (.inProgress, .polish): "w realizacji"
        case (.consultation, .polish): "w konsultacji"
        case (.approval, .polish): "do akceptacji"
        case (.waiting, .polish): "oczekuje na informacje"
        case (.done, .polish): "wykonana"
        case (.closed, .polish): "zamknięta"
        }
    }
}

extension Priority {
    /// The priority as a person reads it.
    func word(in language: Language) -> String {
        switch (self, language) {
        case (_, .english): rawValue
        case (.low, .polish): "niski"
        case (.normal, .polish): "normalny"
        case (.high, .polish): "wysoki"
        case (.urgent, .polish): "pilny"
        }
    }
}
