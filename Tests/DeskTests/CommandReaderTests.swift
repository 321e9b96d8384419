import MailTypes
import Testing

@testable import Desk

@Suite struct CommandReaderTests {
    /// Wednesday, 2026-11-25, 10:30.
    static let now = LocalTime(date: CalendarDate(year: 2026, month: 11, day: 25), weekday: .wednesday, minute: 630)
    static let reader = CommandReader(now: now)

    static func address(_ text: String) -> EmailAddress {
        EmailAddress(text) ?? EmailAddress(localPart: "wrong", domain: DomainName.invalid)
    }

    static func command(_ line: String) -> DeskCommand? {
        guard case .commands(let commands) = reader.read([line]), commands.count == 1 else { return nil }
        return commands[0].command
    }

    static func fault(_ line: String) -> CommandProblem.Fault? {
        guard case .problems(let problems) = reader.read([line]) else { return nil }
        return problems.first?.fault
    }

    static func moment(_ year: Int, _ month: Int, _ day: Int, _ minute: Int? = nil) -> LocalMoment {
        LocalMoment(date: CalendarDate(year: year, month: month, day: day), minute: minute)
    }

    static let rows: [(lines: [String], command: DeskCommand)] = [
        (["#take", "#Take", "# take", "#TAKE  ", "\u{A0}#\u{A0}take\u{A0}", "\u{FEFF}#take", "#take.", "# Take!", "#weź", "#wez"], .take),
        (["#new", "#nowe", "#Nowa"], .new),
        (["#waiting", "#czeka", "#Oczekuje"], .waiting),
        (["#done", "#wykonane", "#zrobione"], .done),
        (["#close", "#Closed", "# close", "#zamknij", "#ZAMKNIJ", "#zamknięte", "#zamkniete", "#zamknie\u{328}te"], .close),
        (["#spam"], .spam),
        (["#assign agent2", "#Assign: agent2", "#assign\u{A0}agent2", "#przypisz agent2", "#assign “agent2”", "#assign „agent2”"],
            .assign("agent2")),
        (["#assign Agent  Two", "#przydziel Agent Two"], .assign("Agent Two")),
        (["#group returns", "#grupa returns"], .group("returns")),
        (["#pool Zamówienia i zwroty", "#pula  Zamówienia i\u{A0}zwroty"], .pool("Zamówienia i zwroty")),
        (["#category Late parcels", "#kategoria Late parcels"], .category("Late parcels")),
        (["#priority high", "#priority HIGH", "#priorytet wysoki", "#Priorytet Wysoka"], .priority(.high)),
        (["#priority urgent", "#priorytet pilne"], .priority(.urgent)),
        (["#priority low", "#priorytet niski"], .priority(.low)),
        (["#priority normal", "#priorytet zwykły", "#priorytet zwykly"], .priority(.normal)),
        (["#tag refund", "#etykieta refund", "#label refund"], .tag(["refund"])),
        (["#tag refund, vip", "#tag refund vip", "#tag refund; vip,"], .tag(["refund", "vip"])),
        (["#tag \"big customer\" vip", "#tag „big customer”, vip"], .tag(["big customer", "vip"])),
        (["#untag refund", "#usuń-etykietę refund", "#usunetykiete refund", "#bez-etykiety refund"], .untag(["refund"])),
        (["#due 2026-12-01", "#termin 2026-12-01", "#due 1.12.2026", "#termin 1 grudnia 2026", "#due December 1, 2026",
            "#due 1 December", "#termin 1 grudnia", "#due 2026/12/01", "#due 2026–12–01", "#due on 2026-12-01", "#termin 1.12.2026 r."],
            .due(moment(2026, 12, 1))),
        (["#due 25/12/2026"], .due(moment(2026, 12, 25))),
        (["#due none", "#termin brak"], .due(nil)),
        (["#due tomorrow", "#termin jutro", "#due thursday", "#termin czwartek", "#termin w czwartek", "#due in 1 day"],
            .due(moment(2026, 11, 26))),
        (["#due wednesday"], .due(moment(2026, 12, 2))),
        (["#send 2026-12-01 09:00", "#send 2026-12-01 9:00", "#wyślij 2026-12-01 09:00", "#wyslij 1.12.2026 o 9.00",
            "#send 2026-12-01, 9am", "#send 2026-12-01 at 09:00", "#wyślij 1 grudnia o godz. 9.00", "#send 1 December 2026 9:00",
            "#send 9:00 2026-12-01"],
            .send(moment(2026, 12, 1, 540))),
        (["#send tomorrow 9:30 pm", "#wyślij jutro o 21:30"], .send(moment(2026, 11, 26, 1290))),
        (["#send 16:00", "#send today 16:00", "#send 4pm", "#wyślij dziś o 16.00"], .send(moment(2026, 11, 25, 960))),
        (["#send 9:00"], .send(moment(2026, 11, 26, 540))),
        (["#send in 2 hours", "#send 2h", "#wyślij za 2 godziny"], .send(moment(2026, 11, 25, 750))),
        (["#send in 14 hours"], .send(moment(2026, 11, 26, 30))),
        (["#send monday 8:00", "#wyślij poniedziałek 8:00", "#wyślij pon. 8:00"], .send(moment(2026, 11, 30, 480))),
        (["#recall", "#cofnij"], .recall),
        (["#replace", "#zastąp", "#zastap"], .replace),
        (["#note", "#notatka"], .note(nil)),
        (["#note asked the carrier"], .note("asked the carrier")),
        (["#consult Legal", "#konsultuj Legal"], .consult("Legal")),
        (["#approve", "#zatwierdź", "#zatwierdz"], .approve),
        (["#reject too long", "#odrzuć too long", "#odrzuc too long"], .reject("too long")),
        (["#reject"], .reject(nil)),
        (["#split", "#podziel"], .split),
        (["#template returns 1", "#szablon returns 1", "#template “returns 1”"], .template("returns 1")),
        (["#answer product=kettle", "#answer product = kettle", "#odpowiedź product: kettle", "#answer \"product\"=“kettle”"],
            .answer(question: "product", value: "kettle")),
        (["#find blue kettle", "#szukaj blue kettle"], .find("blue kettle")),
        (["#follow", "#obserwuj"], .follow),
        (["#unfollow", "#nie-obserwuj", "#nieobserwuj", "#przestań-obserwować"], .unfollow),
        (["#away 2026-12-01..2026-12-10 agent2", "#away 2026-12-01 .. 2026-12-10 agent2", "#nieobecny 2026-12-01…2026-12-10 agent2",
            "#away 2026-12-01 - 2026-12-10 agent2", "#away 2026-12-01–2026-12-10 agent2", "#urlop 1.12.2026 do 10.12.2026 agent2",
            "#nieobecna 1 grudnia do 10 grudnia agent2", "#away 1.12.2026-10.12.2026 agent2", "#away 2026-12-01 to 2026-12-10 agent2"],
            .away(.init(first: CalendarDate(year: 2026, month: 12, day: 1), last: CalendarDate(year: 2026, month: 12, day: 10), substitute: "agent2"))),
        (["#away today..tomorrow agent2", "#nieobecna dziś..jutro agent2", "#away 25 nov..26 nov. agent2"],
            .away(.init(first: CalendarDate(year: 2026, month: 11, day: 25), last: CalendarDate(year: 2026, month: 11, day: 26), substitute: "agent2"))),
        (["#away tomorrow", "#nieobecny jutro"],
            .away(.init(first: CalendarDate(year: 2026, month: 11, day: 26), last: CalendarDate(year: 2026, month: 11, day: 26)))),
        (["#away off", "#nieobecny koniec", "#nieobecna nie"], .away(nil)),
        (["#from jan@customer.example", "#od jan@customer.example", "#from <jan@customer.example>", "#od mailto:jan@customer.example",
            "#from jan@customer.example<mailto:jan@customer.example>"],
            .from(NamedAddress(address: address("jan@customer.example")))),
        (["#from Jan Kowalski <jan@customer.example>", "#od \"Jan Kowalski\" jan@customer.example"],
            .from(NamedAddress(displayName: "Jan Kowalski", address: address("jan@customer.example")))),
        (["#source phone", "#source Telephone", "#źródło telefon", "#zrodlo telefonicznie"], .source(.phone)),
        (["#source e-mail", "#source mail", "#źródło poczta"], .source(.mail)),
        (["#source in-person", "#source in person", "#source in‑person", "#źródło osobiście", "#zrodlo osobiscie"], .source(.inPerson)),
        (["#source letter", "#źródło list"], .source(.letter)),
        (["#source web", "#źródło www"], .source(.web)),
        (["#source sms"], .source(.sms)),
        (["#source chat", "#źródło czat"], .source(.chat)),
        (["#each", "#każdy", "#kazdy"], .each),
        (["#cc a@b.example c@d.example", "#dw a@b.example, c@d.example", "#cc <a@b.example>; mailto:c@d.example a@b.example"],
            .cc([address("a@b.example"), address("c@d.example")])),
        (["#forward a@b.example", "#przekaż a@b.example", "#przekaz a@b.example<mailto:a@b.example>", "#fwd a@b.example."],
            .forward(.init(recipients: [address("a@b.example")]))),
        (["#forward a@b.example with notes", "#forward a@b.example notes returns", "#przekaż a@b.example z notatkami"],
            .forward(.init(recipients: [address("a@b.example")], withNotes: true))),
        (["#forward a@b.example noreturn", "#forward a@b.example without notes, no return", "#przekaż a@b.example bez zwrotu",
            "#przekaż a@b.example bez notatek nie wraca"],
            .forward(.init(recipients: [address("a@b.example")], answerReturns: false))),
        (["#merge 1044", "#merge #1044", "#połącz [#1044]", "#polacz [REK#1044]", "#scal 1044"], .merge(.init(others: [TicketNumber(rawValue: 1044)]))),
        (["#merge 1044 anyway notify", "#merge 1044 notify, anyway", "#połącz 1044 mimo to powiadom", "#połącz 1044 i tak z powiadomieniem"],
            .merge(.init(others: [TicketNumber(rawValue: 1044)], anyway: true, notify: true))),
        (["#merge 1044, 1045"], .merge(.init(others: [TicketNumber(rawValue: 1044), TicketNumber(rawValue: 1045)]))),
        (["#customer jan@customer.example", "#klient jan@customer.example"], .customer(.attach("jan@customer.example", withEarlier: false))),
        (["#customer jan@customer.example with earlier", "#klient jan@customer.example z wcześniejszymi"],
            .customer(.attach("jan@customer.example", withEarlier: true))),
        (["#customer Jan Kowalski"], .customer(.attach("Jan Kowalski", withEarlier: false))),
        (["#customer detach", "#klient odłącz", "#klient brak"], .customer(.detach(withEarlier: false))),
        (["#customer phone=", "#klient phone:"], .customer(.set(field: "phone", value: nil))),
        (["#customer phone=600 100 200", "#klient phone: 600 100 200"], .customer(.set(field: "phone", value: "600 100 200"))),
    ]

    @Test(arguments: rows.flatMap { row in row.lines.map { ($0, row.command) } })
    func `a command is read in every way people type it`(line: String, command: DeskCommand) {
        #expect(Self.command(line) == command)
    }

    static let faults: [(line: String, fault: CommandProblem.Fault)] = [
        ("#clsoe", .unknown(suggestion: .close)),
        ("#zamknji", .unknown(suggestion: .close)),
        ("#asign agent2", .unknown(suggestion: .assign)),
        ("#wyslji jutro", .unknown(suggestion: .send)),
        ("#winter sale", .unknown(suggestion: nil)),
        ("#1 reason to buy", .unknown(suggestion: nil)),
        ("#", .unknown(suggestion: nil)),
        ("# ", .unknown(suggestion: nil)),
        ("#!/bin/sh", .unknown(suggestion: nil)),
        ("# Our offer for you", .unknown(suggestion: nil)),
        ("no command", .unknown(suggestion: nil)),
        ("#assign", .missing(.assign)),
        ("#przypisz \u{A0}", .missing(.assign)),
        ("#assign \"\"", .missing(.assign)),
        ("#tag ,", .missing(.tag)),
        ("#merge", .missing(.merge)),
        ("#send", .missing(.send)),
        ("#find", .missing(.find)),
        ("#forward with notes", .missing(.forward)),
        ("#close tomorrow", .unexpected(.close, "tomorrow")),
        ("#take me", .unexpected(.take, "me")),
        ("#send soon", .noDate("soon")),
        ("#send 2026-13-01 09:00", .noDate("2026-13-01 09:00")),
        ("#send 2026-02-30", .noDate("2026-02-30")),
        ("#send 2026-12-01 25:00", .noDate("2026-12-01 25:00")),
        ("#send 2026-12-01 09:00 please", .noDate("2026-12-01 09:00 please")),
        ("#send 9", .noDate("9")),
        ("#due 1/2/2026", .ambiguousDate("1/2/2026")),
        ("#due 01-02-2026", .ambiguousDate("01-02-2026")),
        ("#away 2026-12-10..2026-12-01", .endsBeforeBegin("2026-12-10..2026-12-01")),
        ("#away soon", .noDate("soon")),
        ("#cc ann", .noAddress("ann")),
        ("#cc a@b.example, c@", .noAddress("c@")),
        ("#from nobody", .noAddress("nobody")),
        ("#forward ann@", .noAddress("ann@")),
        ("#forward a@b.example quickly", .noOption(.forward, "quickly", suggestion: nil)),
        ("#forward a@b.example with ntes", .noOption(.forward, "with", suggestion: nil)),
        ("#forward a@b.example noets", .noOption(.forward, "noets", suggestion: "notes")),
        ("#merge abc", .noNumber("abc")),
        ("#merge 0", .noNumber("0")),
        ("#merge 99999999999999999999", .noNumber("99999999999999999999")),
        ("#merge 1044 anywya", .noOption(.merge, "anywya", suggestion: "anyway")),
        ("#priority hihg", .noPriority("hihg", suggestion: "high")),
        ("#source fone", .noSource("fone", suggestion: nil)),
        ("#source phnoe", .noSource("phnoe", suggestion: "phone")),
        ("#answer kettle", .noAnswer),
        ("#answer product=", .noAnswer),
        ("#customer jan@", .noAddress("jan@")),
        ("#cc " + (0...30).map { "a\($0)@b.example" }.joined(separator: " "), .tooManyItems(30)),
        ("#find " + String(repeating: "x", count: 1000), .tooLong(1000)),
    ]

    @Test(arguments: faults) func `what is wrong or doubtful is a problem`(line: String, fault: CommandProblem.Fault) {
        #expect(Self.fault(line) == fault)
        #expect(!Self.reader.isCommand(line))
    }

    static let together: [(lines: [String], faults: [CommandProblem.Fault])] = [
        (["#take", "#tag a", "#tag b", "#close"], []),
        (["#close", "# Close", "#zamknij"], []),
        (["#close", "#done"], [.contradicts(.close)]),
        (["#take", "#assign agent2"], [.contradicts(.take)]),
        (["#new", "#take"], [.contradicts(.new)]),
        (["#assign a", "#assign b"], [.repeated(.assign)]),
        (["#note", "#consult legal"], [.contradicts(.note)]), (["#consult legal", "#consult stock"], []),
        (["#consult legal", "#forward a@b.example"], [.contradicts(.consult)]),
        (["#approve", "#reject no"], [.contradicts(.approve)]),
        (["#follow", "#unfollow"], [.contradicts(.follow)]),
        (["#send 16:00", "#send 17:00"], [.repeated(.send)]),
        (["#clsoe", "#assign"], [.unknown(suggestion: .close), .missing(.assign)]),
        ((0...20).map { "#tag t\($0)" }, [.tooMany(20)]),
    ]

    @Test(arguments: together) func `commands of one mail must agree`(lines: [String], faults: [CommandProblem.Fault]) {
        switch Self.reader.read(lines) {
        case .commands(let commands): #expect(faults == [] && !commands.isEmpty)
        case .problems(let problems): #expect(problems.map(\.fault) == faults)
        }
    }

    @Test(arguments: CommandWord.allCases) func `every example of an explanation is itself a command`(word: CommandWord) {
        for language in Language.allCases { #expect(Self.command(word.example(in: language)) != nil, "\(word.example(in: language))") }
    }

    @Test func `no spelling means two commands`() {
        let spellings = CommandWord.table.flatMap { entry in
            Set((entry.english + entry.polish).map { TypedText.folded($0).filter { $0 != "-" } }).map { ($0, entry.word) }
        }
        #expect(Set(spellings.map(\.0)).count == spellings.count)
        #expect(CommandWord.table.map(\.word) == CommandWord.allCases)
    }

    @Test(arguments: [UInt64.random(in: 0 ... .max), 1]) func `a mangled command is read or has a sentence`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let insertions = ["#", " ", "..", "-", ".", ":", "\"", "@", "9999999999", "\u{0}", "ż", "\u{301}", "=", "1/2/2026", "{", "\u{202E}", "12"]
        let lines = Self.rows.flatMap(\.lines)
        for _ in 0..<3000 {
            var characters = Array(lines.randomElement(using: &generator) ?? "").map(String.init)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0...characters.count, using: &generator)
                if Bool.random(using: &generator), place < characters.count {
                    characters.remove(at: place)
                } else {
                    characters.insert(insertions.randomElement(using: &generator) ?? "", at: place)
                }
            }
            let line = characters.joined()
            guard case .problems(let problems) = Self.reader.read([line]) else { continue }
            for language in Language.allCases { #expect(problems.allSatisfy { $0.sentence(in: language).count < 500 }, "seed \(seed): \(line)") }
        }
    }
}

extension DomainName {
    fileprivate static var invalid: DomainName {
        guard let domain = DomainName("invalid") else { preconditionFailure("invalid is a domain name") }
        return domain
    }
}

/// The same numbers for the same seed, which a failing test prints.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
