package import MailTypes

/// Makes the figures of a period from the events of all cases, read in their order from the first one to 30 days after
/// the period's end. It keeps some words for each case and each mail of the period, whatever the mails hold.
///
///     var ledger = FigureLedger(period: january, by: .agent)
///     for event in events { ledger.read(event) }
///     let figures = ledger.figures(of: cases, clock: clock)
package struct FigureLedger {
    private struct Case {
        /// Before the first change of it; `nil`: as it is now.
        var firstPool: PoolID?
        var pool: PoolID?
        var assignee: AgentID?
        var isSpam = false
        var isFiled = false
        var isMerged = false
        var isDiscarded = false
        var wasWrittenTo = false
        var firstAnswer: Judged?
        var closing: Judged?
        var replies = 0
        var consultation: Consultation?
        var answers: [String: String] = [:]
        var rating: Rated?

        var isLeftOut: Bool { isSpam || isFiled || isDiscarded }

        mutating func consult(_ department: DepartmentID) {
            var consultation = consultation ?? Consultation()
            consultation.departments[department] = consultation.departments[department] ?? false
            (consultation.pool, consultation.assignee) = (pool, assignee)
            self.consultation = consultation
        }

        mutating func endConsultation(_ department: DepartmentID, _ isLate: Bool, _ at: Timestamp) {
            guard var consultation else { return }
            consultation.departments[department] = isLate || consultation.departments[department] == true
            consultation.isLate = consultation.isLate || isLate
            consultation.endedAt = at
            (consultation.pool, consultation.assignee) = (pool, assignee)
            self.consultation = consultation
        }
    }
    private struct Judged {
        var at: Timestamp
        var spent: FigureEvent.Spent
        var pool: PoolID?
        var assignee: AgentID?
    }
    private struct Rated {
        var at: Timestamp
        var rating: Rating
        var pool: PoolID?
        var assignee: AgentID?
    }
    private struct Consultation {
        var departments: [DepartmentID: Bool] = [:]
        var endedAt: Timestamp?
        var isLate = false
        var pool: PoolID?
        var assignee: AgentID?
    }
    private struct Receipt {
        /// Of the case.
        var place: Int
        var at: Timestamp
        var pool: PoolID?
        var assignee: AgentID?
    }

    private let period: Range<Timestamp>
    private let division: FigureDivision?
    private var cases: [Case] = []
    /// Where in `cases` a case stands.
    private var places: [TicketNumber: Int] = [:]
    private var receipts: [Receipt] = []

    package init(period: Range<Timestamp>, by division: FigureDivision?) {
        (self.period, self.division) = (period, division)
    }

    /// The moment after which events are of no use.
    package var end: Timestamp { period.upperBound + Figures.replyTime }

    /// Takes in the next event.
    package mutating func read(_ event: FigureEvent) {
        guard event.at < end else { return }
        let known = places[event.ticket]
        if let known, isReply(event, to: cases[known]) { cases[known].replies += 1 }
        // After the period only replies count: what a case was at its end decides.
        guard event.at < period.upperBound else { return }
        let place = known ?? cases.count
        if known == nil {
            places[event.ticket] = place
            cases.append(Case())
        }
        switch event.change {
        case .received(let isAutomatic):
            if period.contains(event.at), !isAutomatic || !cases[place].wasWrittenTo {
                receipts.append(
                    Receipt(place: place, at: event.at, pool: cases[place].pool, assignee: cases[place].assignee))
            }
            cases[place].wasWrittenTo = true
        case .assigned(let agent): cases[place].assignee = agent
        case .poolChanged(let old, let new):
            if cases[place].pool == nil { cases[place].firstPool = old }
            cases[place].pool = new
        case .statusChanged(let status): cases[place].isSpam = status == .spam
        case .filed(let isFiled): cases[place].isFiled = isFiled
        case .merged(let isMerged): cases[place].isMerged = isMerged
        case .discarded(let isDiscarded): cases[place].isDiscarded = isDiscarded
        case .firstAnswered(let spent):
            if cases[place].firstAnswer == nil { cases[place].firstAnswer = judged(spent, event.at, cases[place]) }
        case .solved(let spent):
            if cases[place].closing == nil { cases[place].closing = judged(spent, event.at, cases[place]) }
        case .questionAnswered(let question, let answer): cases[place].answers[question] = answer
        case .rated(let rating):
            cases[place].rating = Rated(
                at: event.at, rating: rating, pool: cases[place].pool, assignee: cases[place].assignee)
        case .consulted(let department): cases[place].consult(department)
        case .consultationEnded(let department, let isLate): cases[place].endConsultation(department, isLate, event.at)
        }
    }

    private func isReply(_ event: FigureEvent, to item: Case) -> Bool {
        guard event.change == .received(isAutomatic: false), let closing = item.closing, period.contains(closing.at) else {
            return false
        }
        return event.at - closing.at <= Figures.replyTime
    }

    private func judged(_ spent: FigureEvent.Spent, _ at: Timestamp, _ item: Case) -> Judged {
        Judged(at: at, spent: spent, pool: item.pool, assignee: item.assignee)
    }

    /// What came of it. `known`: what the cases are now, those that are still there.
    package func figures(of known: [TicketNumber: FigureCase], clock: any DeskClock) -> Figures {
        var figures = Figures()
        var days = LocalDays(clock: clock)
        var now = [FigureCase?](repeating: nil, count: cases.count)
        for (number, place) in places { now[place] = known[number] }
        for receipt in receipts where !cases[receipt.place].isLeftOut {
            let item = cases[receipt.place]
            count(receipt.pool, receipt.assignee, item, now[receipt.place], in: &figures) { $0.received += 1 }
            let (hour, weekday) = days.place(of: receipt.at)
            figures.hours[hour] += 1
            figures.weekdays[weekday] += 1
        }
        for (place, item) in cases.enumerated() where !item.isLeftOut && !item.isMerged {
            count(item, now[place], in: &figures)
        }
        figures.total.sort()
        for key in figures.rows.keys { figures.rows[key]?.sort() }
        return figures
    }

    private func count(_ item: Case, _ now: FigureCase?, in figures: inout Figures) {
        if let first = item.firstAnswer, period.contains(first.at) {
            count(first.pool, first.assignee, item, now, in: &figures) { $0.firstAnswer.insert(first.spent.seconds) }
        }
        if let closing = item.closing, period.contains(closing.at) {
            count(closing.pool, closing.assignee, item, now, in: &figures) { row in
                row.solution.insert(closing.spent.seconds)
                switch (closing.spent.isLate, item.consultation != nil) {
                case (false, false): row.closedInTime += 1
                case (false, true): row.closedInTimeConsulted += 1
                case (true, false): row.closedLate += 1
                case (true, true): row.closedLateConsulted += 1
                }
                row.replies += item.replies
                if item.replies > 0 { row.repliedTo += 1 }
            }
        }
        if let rated = item.rating, period.contains(rated.at) {
            count(rated.pool, rated.assignee, item, now, in: &figures) { row in
                row.ratings += 1
                row.ratingSum += rated.rating.rawValue
            }
        }
        if let consultation = item.consultation, let ended = consultation.endedAt, period.contains(ended) {
            countConsultation(consultation, item, now, in: &figures)
        }
    }

    private func countConsultation(
        _ consultation: Consultation, _ item: Case, _ now: FigureCase?, in figures: inout Figures
    ) {
        func add(_ row: inout Figures.Row, _ isLate: Bool) {
            if isLate { row.consultedLate += 1 } else { row.consultedInTime += 1 }
        }
        guard division == .department else {
            return count(consultation.pool, consultation.assignee, item, now, in: &figures) { add(&$0, consultation.isLate) }
        }
        add(&figures.total, consultation.isLate)
        for (department, isLate) in consultation.departments {
            add(&figures.rows[.department(department), default: Figures.Row()], isLate)
        }
    }

    /// Counts in the total and in the row of whom it concerns: of each answer that the case had at the period's end.
    /// Departments have rows of what they were asked only.
    private func count(
        _ pool: PoolID?, _ assignee: AgentID?, _ item: Case, _ now: FigureCase?, in figures: inout Figures,
        _ add: (inout Figures.Row) -> Void
    ) {
        add(&figures.total)
        let keys: [FigureKey]
        switch division {
        case .agent: keys = [.agent(assignee)]
        case .pool: keys = [.pool(pool ?? item.firstPool ?? now?.pool)]
        case .address: keys = [.address(now?.address)]
        case .question: keys = item.answers.map { .answer($0.key, $0.value) }
        case .department, nil: keys = []
        }
        for key in keys { add(&figures.rows[key, default: Figures.Row()]) }
    }
}

extension Figures.Row {
    fileprivate mutating func sort() {
        firstAnswer.sort()
        solution.sort()
    }
}

/// Hours and weekdays of moments: what a quarter of an hour is called is looked up once.
private struct LocalDays {
    let clock: any DeskClock
    private var known: [Int64: (hour: Int, weekday: Int)] = [:]

    init(clock: any DeskClock) { self.clock = clock }

    mutating func place(of moment: Timestamp) -> (hour: Int, weekday: Int) {
        let quarter = moment.seconds / 900
        if let found = known[quarter] { return found }
        let local = clock.localTime(of: moment)
        let place = (
            hour: min(max(local.minute / 60, 0), 23), weekday: Weekday.allCases.firstIndex(of: local.weekday) ?? 0
        )
        known[quarter] = place
        return place
    }
}
