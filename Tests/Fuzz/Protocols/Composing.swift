import Desk
import FuzzKit
import MailFormat

/// A mail as an agent submits it: its text found, its commands cut out, a signature put in, and all of it read again.
func fuzzComposing(_ input: FuzzInput) {
    var scanner = MIMEScanner()
    scanner.consume(input.octets)
    let structure = scanner.finish()
    let header = scanner.header ?? HeaderSection([UInt8]())
    let body = Array(input.octets[(scanner.headerLength ?? input.octets.count)...])
    guard let ranges = try? SubmittedText.sections(of: structure),
        let text = try? SubmittedText(header, structure, sections: ranges.map { Array(body[$0]) })
    else { return }
    checkCommands(text)
    let picture = TextChanges.Picture(
        contentID: "1@acme.example", mediaType: MediaType(type: Array("image".utf8), subtype: Array("png".utf8)), name: "a.png",
        octets: [1, 2, 3])
    let changes = TextChanges(
        opening: input.chooses(0) ? .init(text: "Dear customer,\n> quoted") : nil,
        signature: input.chooses(1) ? .init(.init(text: "Ann\nAcme"), picture: input.chooses(2) ? picture : nil) : nil
    ) { line in
        TemplateText.occurrences(in: line).map { TextChanges.Replacement(range: $0.range, text: "a\n<b>") }
    }
    guard let plan = try? text.plan(changes, entropy: Array(0..<12)) else {
        must(text.isSealed, "a mail that is not sealed was not changed")
        return
    }
    let changed = plan.octets(of: body)
    must(changed.count == plan.length, "a plan of \(plan.length) octets makes \(changed.count)")
    var again = MIMEScanner()
    again.consume(plan.header.octets + changed)
    let found = (try? SubmittedText.sections(of: again.finish()))?.count
    must(found == nil || found == ranges.count, "\(ranges.count) texts became \(found ?? 0)")
}

private func checkCommands(_ text: SubmittedText) {
    let now = LocalTime(date: CalendarDate(year: 2026, month: 11, day: 25), weekday: .wednesday, minute: 600)
    let reader = CommandReader(now: now)
    guard case .problems(let problems) = reader.read(text.commands.map(\.text) + text.strayMarks) else { return }
    for problem in problems {
        for language in Language.allCases { must(!problem.sentence(in: language).isEmpty, "a problem without words") }
    }
    for line in text.fieldLines {
        for occurrence in TemplateText.occurrences(in: line) {
            must(occurrence.range.upperBound <= line.utf8.count && !occurrence.range.isEmpty, "a field beyond its line")
        }
    }
    _ = text.ownText
}
