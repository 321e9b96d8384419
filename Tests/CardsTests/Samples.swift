import Cards
import Desk
import Foundation
import MailTypes
import Testing

/// Cases whose cards the tests look at.
enum Samples {
    /// Thursday, 26 November 2026, 09:00 UTC.
    static let now = Timestamp(seconds: 1_795_683_600)

    static func render(_ content: CardContent, in language: Language) -> RenderedCard {
        guard let domain = DomainName("acme.example") else { preconditionFailure("a domain of the tests") }
        return CardRenderer().render(content, in: language, domain: domain, clock: UniversalTime(), now: now)
    }

    static var fresh: CardContent {
        var content = CardContent(
            number: TicketNumber(rawValue: 1042), stamp: "[#1042]", subject: "Where is my parcel?", pool: "Help",
            status: .new, statusSince: now, openedAt: now)
        content.customer = CardCustomer(name: "Jan Kowalski", addresses: ["jan@customer.example"])
        content.deadlines = [
            CardDeadline(kind: .firstAnswer, due: now + .seconds(4 * 3600), state: .running, left: .seconds(4 * 3600))
        ]
        return content
    }

    static func other(_ number: Int64, _ subject: String, _ status: TicketStatus, daysAgo: Int64) -> CardCase {
        CardCase(
            number: TicketNumber(rawValue: number), subject: subject, status: status,
            openedAt: now - .seconds(daysAgo * 86_400))
    }

    /// A case with something in every place.
    static var busy: CardContent {
        var content = CardContent(
            number: TicketNumber(rawValue: 1042), stamp: "[REK#1042]",
            subject: "Reklamacja: uszkodzona paczka nr PL-2026-118842, proszę o zwrot", pool: "Complaints",
            status: .consultation, statusSince: now - .seconds(1800), openedAt: now - .seconds(90_000),
            assignee: "Anna Nowak", priority: .urgent, category: "Damaged in transport", source: .phone)
        content.deadlines = [
            CardDeadline(kind: .firstAnswer, due: now - .seconds(3600), state: .overdue),
            CardDeadline(
                kind: .solution, due: now + .seconds(30_000), state: .running, left: .seconds(3 * 3600 + 20 * 60)),
        ]
        content.customer = CardCustomer(
            name: "Jan Kowalski", firm: "Kowalski i Synowie sp. z o.o.", phone: "+48 601 234 567",
            note: "Stały klient od 2019, rozliczenie zbiorcze. Dzwonić po 12:00.",
            addresses: ["jan@customer.example", "biuro@kowalski.example"])
        content.earlier = [
            other(1031, "Faktura za październik", .closed, daysAgo: 12),
            other(988, "Zmiana adresu dostawy", .done, daysAgo: 40),
            other(902, "Parcel <lost>", .closed, daysAgo: 95),
        ]
        content.casesElsewhere = 2
        content.orders = [
            CardOrder(number: "PL-2026-118842", state: "shipped", placedAt: now - .seconds(400_000), total: "349,00 zł")
        ]
        content.consultations = [
            CardConsultation(department: "Legal", askedAt: now - .seconds(7200), due: now + .seconds(86_400)),
            CardConsultation(
                department: "Warehouse", askedAt: now - .seconds(200_000), due: now - .seconds(600), isOverdue: true),
        ]
        content.questions = [
            CardQuestion(
                name: "product", text: "Which product is it about?", choices: ["shoes", "bags", "other"],
                isRequired: true),
            CardQuestion(name: "carrier", text: "Which carrier delivered it?"),
            CardQuestion(name: "cost", text: "What does it cost?", isRequired: true, answer: "12.50 <EUR>"),
        ]
        content.writers = [CardWriter(name: "Piotr Zieliński", since: now - .seconds(240))]
        content.heldMail = [
            CardHeldMail(author: "Anna Nowak", wait: .confirmation, doubts: [.collision, .stranger])
        ]
        content.warnings = [
            .openCase(other(1041, "Uszkodzona paczka", .assigned, daysAgo: 1)), .claims(TicketNumber(rawValue: 17)),
            .replyTo("jan.k@freemail.example"), .unconfirmed("ktos@elsewhere.example"),
        ]
        content.authentication = [
            CardAuthentication(method: .spf, verdict: .pass), CardAuthentication(method: .dkim, verdict: .pass),
            CardAuthentication(method: .dmarc, verdict: .pass),
        ]
        content.tags = ["reklamacja", "zwrot-pieniędzy", "$label1"]
        content.followers = ["Supervisor", "Piotr Zieliński"]
        content.merged = [TicketNumber(rawValue: 1039)]
        content.linked = [other(1044, "Fwd: uszkodzona paczka", .new, daysAgo: 0)]
        content.isAnswered = true
        return content
    }

    /// A case with a text in every place where somebody outside can put one.
    static func hostile(_ text: String) -> CardContent {
        var content = busy
        content.subject = text
        content.category = text
        content.customer = CardCustomer(name: text, firm: text, phone: text, note: text, addresses: [text, text])
        content.earlier = [CardCase(number: TicketNumber(rawValue: 1), subject: text, status: .done, openedAt: now)]
        content.linked = content.earlier
        content.orders = [CardOrder(number: text, state: text, total: text)]
        content.warnings = [.openCase(content.earlier[0]), .replyTo(text), .unconfirmed(text)]
        content.heldMail = [CardHeldMail(author: text, wait: .confirmation, doubts: [.stranger])]
        content.tags = [text, text]
        content.followers = [text]
        content.writers = [CardWriter(name: text, since: now)]
        content.assignee = text
        return content
    }
}

/// What a renderer made, held against a file of Fixtures. With `STEMPEL_RECORD` set to a directory the files are written
/// there instead.
enum Golden {
    static func compare(_ made: String, with name: String) throws {
        if let directory = ProcessInfo.processInfo.environment["STEMPEL_RECORD"] {
            try made.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
            return
        }
        let url = Bundle.module.resourceURL?.appendingPathComponent("Fixtures/\(name)")
        let expected = try String(contentsOf: try #require(url), encoding: .utf8)
        #expect(made == expected, "\(name) differs")
    }
}

/// Just enough of reading HTML to see where markup is.
enum Markup {
    /// The tags with the names of their attributes, in order; read as a browser does, octet by octet.
    static func tags(_ html: String) -> [String] {
        var result: [String] = []
        var rest = Array(html.unicodeScalars)[...]
        while let start = rest.firstIndex(of: "<") {
            rest = rest[(start + 1)...]
            guard let first = rest.first, first.properties.isAlphabetic || first == "/" || first == "!" else {
                continue
            }
            var tag = ""
            var quote: Unicode.Scalar?
            while let scalar = rest.popFirst() {
                if let open = quote {
                    if scalar == open { quote = nil }
                } else if scalar == "\"" || scalar == "'" {
                    quote = scalar
                } else if scalar == ">" {
                    break
                } else {
                    tag.unicodeScalars.append(scalar)
                }
            }
            result.append(tag)
        }
        return result
    }

    /// The values of an attribute.
    static func values(of attribute: String, in html: String) -> [String] {
        html.components(separatedBy: "\(attribute)=\"").dropFirst().map { $0.components(separatedBy: "\"")[0] }
    }
}
