import Desk
import MailTypes

/// A card as its templates see it: texts in one language, in the order in which they are shown.
///
/// Every text that may come from outside goes through `CardText.line` here, and through the template's escaping there.
struct CardView {
    /// The card's heading and its Subject.
    let title: String
    private let content: CardContent
    private let words: CardWords
    private let domain: DomainName
    private let clock: any DeskClock
    private let now: Timestamp

    init(_ content: CardContent, words: CardWords, domain: DomainName, clock: any DeskClock, now: Timestamp) {
        (self.content, self.words, self.domain, self.clock, self.now) = (content, words, domain, clock, now)
        let subject = CardText.line(content.subject, limit: 150)
        title = subject.isEmpty ? words("(no subject)", "(bez tematu)") : subject
    }

    /// What the templates are filled with.
    var fields: [String: Any] {
        let notices = notices
        let facts = facts
        return [
            "language": words.language.rawValue, "case": words("Case", "Sprawa"), "stamp": content.stamp,
            "title": title,
            "status": words.status(content.status), "statusColor": Self.color(of: content.status),
            "accent": content.isOverdue ? "#c62828" : Self.color(of: content.status), "statusLine": statusLine,
            "overdue": content.isOverdue ? [["word": words("Overdue", "Po terminie")]] : [],
            "factRows": pairs(facts),
            "facts": facts, "notices": notices, "hasNotices": !notices.isEmpty, "sections": sections,
            "tags": content.tags.prefix(30).map { ["tag": CardText.line(TagKeyword.tag(of: $0), limit: 60)] },
            "hasTags": !content.tags.isEmpty, "tagsLabel": words("Tags", "Etykiety"),
            "buttons": CardButton.buttons(of: content).enumerated().map { index, button in
                link(button, isFirst: index == 0)
            },
            "footer": words(
                "Answering this card writes an internal note. The customer sees neither.",
                "Odpowiedź na tę kartę jest notatką wewnętrzną. Klient nie widzi ani karty, ani notatki."),
        ]
    }

    // MARK: - Head

    private static func color(of status: TicketStatus) -> String {
        switch status {
        case .new: "#1d63d8"
        case .assigned, .inProgress: "#0b7a6f"
        case .consultation: "#7a3fc4"
        case .approval: "#a85a00"
        case .waiting: "#5d6b7e"
        case .done: "#2b7d32"
        case .closed: "#4a5361"
        case .spam: "#a3272e"
        }
    }

    /// What stands where other mails have their sender.
    var sender: String {
        let word = words.status(content.status)
        guard let name = content.assignee ?? content.group else { return word }
        return word + ": " + CardText.line(name, limit: 60)
    }

    private var statusLine: String {
        let since = words("since", "od") + " " + moment(content.statusSince)
        guard let name = content.assignee ?? content.group else { return since }
        return CardText.line(name, limit: 100) + " · " + since
    }

    private var facts: [[String: Any]] {
        var result: [[String: Any]] = []
        func add(_ label: String, _ text: String, isAlert: Bool = false) {
            result.append(["label": label, "text": text, "alert": isAlert])
        }
        let agent = content.assignee.map { CardText.line($0, limit: 100) }
        let group = content.group.map { "\(CardText.line($0, limit: 100)) (\(words("group", "grupa")))" }
        add(words("Assigned to", "Prowadzi"), agent ?? group ?? words("nobody yet", "nikt"))
        add(words("Pool", "Pula"), CardText.line(content.pool, limit: 100))
        for deadline in content.deadlines {
            add(label(of: deadline.kind), text(of: deadline), isAlert: deadline.state == .overdue)
        }
        if content.priority != .normal {
            add(
                words("Priority", "Priorytet"), words.priority(content.priority),
                isAlert: content.priority == .urgent)
        }
        if let category = content.category { add(words("Category", "Kategoria"), CardText.line(category, limit: 100)) }
        if content.source != .mail { add(words("Source", "Źródło"), words.source(content.source)) }
        add(words("Opened", "Otwarto"), moment(content.openedAt))
        if !content.followers.isEmpty { add(words("Followed by", "Obserwują"), list(content.followers)) }
        return result
    }

    private func label(of kind: CardDeadline.Kind) -> String {
        switch kind {
        case .firstAnswer: words("First answer", "Pierwsza odpowiedź")
        case .solution: words("Solution", "Rozwiązanie")
        }
    }

    private func text(of deadline: CardDeadline) -> String {
        let due = moment(deadline.due)
        switch deadline.state {
        case .running:
            guard let left = deadline.left else { return words("by ", "do ") + due }
            let at = words.clock(clock.localTime(of: now))
            return words("by ", "do ") + due + " · "
                + words("\(words.span(left)) left at \(at)", "o \(at) zostało \(words.span(left))")
        case .overdue: return words("was due ", "termin minął ") + due
        case .paused: return words("stands still while the customer is asked", "wstrzymane do odpowiedzi klienta")
        case .met: return words("in time, ", "w terminie, ") + due
        case .missed: return words("late, ", "po terminie, ") + due
        }
    }

    // MARK: - Notices

    /// What somebody should see first, each with its button where there is one.
    private var notices: [[String: Any]] {
        var result: [[String: Any]] = []
        func add(_ text: String, _ button: CardButton? = nil) {
            result.append(["text": text, "links": button.map { [link($0)] } ?? []])
        }
        for held in content.heldMail.prefix(5) { add(text(of: held), held.wait == .approval ? nil : .recall) }
        for writer in content.writers.prefix(5) {
            let name = CardText.line(writer.name, limit: 100)
            add(
                words("\(name) is writing an answer since ", "\(name) pisze odpowiedź od ")
                    + words.clock(clock.localTime(of: writer.since)))
        }
        if let other = content.mergedInto {
            add(words("This case was merged into #\(other).", "Sprawę połączono z #\(other)."))
        }
        for warning in content.warnings.prefix(8) {
            let (text, button) = notice(warning)
            add(text, button)
        }
        if content.authentication.contains(where: { $0.method == .dmarc && $0.verdict == .fail }) {
            add(
                words(
                    "The sender's domain denies the last mail (DMARC). The address may be forged.",
                    "Domena nadawcy nie potwierdza ostatniej wiadomości (DMARC). Adres może być podrobiony."))
        }
        return result
    }

    private func notice(_ warning: CardWarning) -> (String, CardButton?) {
        switch warning {
        case .openCase(let other):
            return (
                words("The same sender has an open case: ", "Ten nadawca ma otwartą sprawę: ") + summary(other),
                content.mergedInto == nil ? .merge(other.number) : nil
            )
        case .claims(let number):
            return (
                words(
                    "The mail claims to belong to #\(number), but its sender takes no part in that case.",
                    "Wiadomość powołuje się na #\(number), ale jej nadawca nie uczestniczy w tamtej sprawie."), nil
            )
        case .replyTo(let address):
            let shown = CardText.line(address)
            return (
                words(
                    "Answers are asked for at an address of another domain: \(shown)",
                    "Odpowiedź ma trafić na adres w innej domenie: \(shown)"), nil
            )
        case .undeliverable(let address):
            let shown = CardText.line(address)
            return (
                words(
                    "Mail to \(shown) came back: there is no such mailbox, or it takes no mail any more.",
                    "Poczta na adres \(shown) wróciła: takiej skrzynki nie ma albo nie przyjmuje już poczty."), nil
            )
        case .unconfirmed(let address):
            let shown = CardText.line(address)
            return (
                words(
                    "\(shown) wrote into the case and takes no part in it. Answering makes them a participant.",
                    "\(shown) pisze w tej sprawie, choć w niej nie uczestniczy. Odpowiedź włączy ten adres do sprawy."),
                nil
            )
        }
    }

    private func text(of held: CardHeldMail) -> String {
        let name = CardText.line(held.author, limit: 100)
        let start: String
        switch held.wait {
        case .until(let time):
            start = words("A mail of \(name) leaves at ", "Wiadomość (\(name)) wyjdzie ") + moment(time)
        case .approval: start = words("A mail of \(name) waits for approval", "Wiadomość (\(name)) czeka na akceptację")
        case .confirmation: start = words("A mail of \(name) is held", "Wiadomość (\(name)) została zatrzymana")
        }
        guard !held.doubts.isEmpty else { return start + "." }
        return start + ": " + held.doubts.prefix(5).map(words.doubt).joined(separator: "; ") + "."
    }

    // MARK: - Sections

    private var sections: [[String: Any]] {
        [customer, earlier, orders, consultations, questions, related].compactMap { $0 }
    }

    private func section(_ title: String, _ rows: [[String: Any]]) -> [String: Any]? {
        rows.isEmpty ? nil : ["title": title, "rows": rows]
    }

    private func row(_ label: String, _ text: String, isAlert: Bool = false, button: CardButton? = nil) -> [String: Any]
    {
        ["label": label, "text": text, "alert": isAlert, "links": button.map { [link($0)] } ?? []]
    }

    private var customer: [String: Any]? {
        guard let customer = content.customer else { return nil }
        var rows: [[String: Any]] = []
        func add(_ label: String, _ text: String?, limit: Int = 200) {
            let line = text.map { CardText.line($0, limit: limit) } ?? ""
            if !line.isEmpty { rows.append(row(label, line)) }
        }
        add(words("Name", "Nazwa"), customer.name)
        add(words("Firm", "Firma"), customer.firm)
        add(words("Phone", "Telefon"), customer.phone, limit: 60)
        if !customer.addresses.isEmpty { rows.append(row(words("Mail", "E-mail"), list(customer.addresses))) }
        add(words("Note", "Notatka"), customer.note, limit: 500)
        for field in customer.fields.prefix(10) { add(CardText.line(field.name, limit: 60), field.value) }
        let checks = content.authentication.map {
            "\($0.method.rawValue.uppercased()): \(words.verdict($0.verdict))"
        }
        if !checks.isEmpty {
            rows.append(row(words("Sender proved", "Nadawca potwierdzony"), checks.joined(separator: ", ")))
        }
        return section(words("Customer", "Klient"), rows)
    }

    private var earlier: [String: Any]? {
        var rows = content.earlier.prefix(3).map { row("#\($0.number)", caseText($0)) }
        if content.casesElsewhere > 0 {
            rows.append(
                row(
                    words("Elsewhere", "Gdzie indziej"),
                    words.cases(content.casesElsewhere) + words(" in other pools", " w innych pulach")))
        }
        return section(words("Last cases", "Ostatnie sprawy"), Array(rows))
    }

    private var orders: [String: Any]? {
        let rows = content.orders.prefix(3).map { order in
            let parts = [
                order.placedAt.map(moment), CardText.line(order.state, limit: 60),
                order.total.map { CardText.line($0, limit: 40) },
            ]
            return row(CardText.line(order.number, limit: 40), parts.compactMap { $0 }.joined(separator: " · "))
        }
        return section(words("Orders", "Zamówienia"), Array(rows))
    }

    private var consultations: [String: Any]? {
        let rows = content.consultations.prefix(10).map { consultation in
            let asked = words("asked ", "zapytano ") + moment(consultation.askedAt)
            let due = consultation.due.map {
                (consultation.isOverdue
                    ? words("answer was due ", "termin odpowiedzi minął ") : words("answer due ", "odpowiedź do "))
                    + moment($0)
            }
            return row(
                CardText.line(consultation.department, limit: 100),
                [asked, due].compactMap { $0 }.joined(separator: " · "), isAlert: consultation.isOverdue)
        }
        return section(words("Open consultations", "Otwarte konsultacje"), Array(rows))
    }

    private var questions: [String: Any]? {
        let rows = content.questions.prefix(20).map { question in
            if let answer = question.answer {
                return row(
                    CardText.line(question.name, limit: 60),
                    CardText.line(question.text, limit: 300) + " " + CardText.line(answer, limit: 300))
            }
            let choices = question.choices.prefix(20).map { CardText.line($0, limit: 60) }.joined(separator: " / ")
            let text = CardText.line(question.text, limit: 300) + (choices.isEmpty ? "" : " (\(choices))")
            return row(
                CardText.line(question.name, limit: 60),
                text + (question.isRequired ? words(" · required", " · wymagane") : ""), isAlert: question.isRequired,
                button: .answer(question.name))
        }
        return section(words("Questions", "Pytania"), Array(rows))
    }

    private var related: [String: Any]? {
        var rows: [[String: Any]] = []
        if !content.merged.isEmpty {
            let numbers = content.merged.prefix(20).map { "#\($0)" }.joined(separator: ", ")
            rows.append(row(words("Merged", "Połączone"), numbers))
        }
        rows += content.linked.prefix(10).map { row("#\($0.number)", caseText($0)) }
        return section(words("Related cases", "Powiązane sprawy"), rows)
    }

    // MARK: - Pieces

    private func link(_ button: CardButton, isFirst: Bool = false) -> [String: Any] {
        let label = words.button(button)
        // The dots say that something is to be written; a subject needs none.
        let plain = label.hasSuffix("…") ? String(label.dropLast()) : label
        return [
            "label": label, "plain": plain, "first": isFirst,
            "href": button.link(stamp: content.stamp, label: plain, domain: domain.ascii).text,
        ]
    }

    private func summary(_ other: CardCase) -> String { "#\(other.number) " + CardText.line(other.subject, limit: 100) }

    private func caseText(_ other: CardCase) -> String {
        let subject = CardText.line(other.subject, limit: 100)
        return (subject.isEmpty ? words("(no subject)", "(bez tematu)") : subject) + " · " + words.status(other.status)
            + " · " + moment(other.openedAt)
    }

    private func moment(_ moment: Timestamp) -> String { words.moment(clock.localTime(of: moment)) }

    private func list(_ texts: [String], limit: Int = 10) -> String {
        let shown = texts.prefix(limit).map { CardText.line($0, limit: 100) }.joined(separator: ", ")
        return texts.count > limit
            ? shown + words(" and \(texts.count - limit) more", " i \(texts.count - limit) innych") : shown
    }

    /// Two facts a row.
    private func pairs(_ facts: [[String: Any]]) -> [[String: Any]] {
        stride(from: 0, to: facts.count, by: 2).map { ["cells": Array(facts[$0..<min($0 + 2, facts.count)])] }
    }
}
