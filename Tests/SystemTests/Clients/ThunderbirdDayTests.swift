import Testing

/// A whole working day of an agent in Thunderbird, with cards and thirty cases.
@Suite(.serialized, .enabled(if: Thunderbird.isWanted, "deploy/test --with-thunderbird runs these"))
struct ThunderbirdDayTests {
    @Test func `thirty cases are taken, answered, recalled, tagged, joined, noted and handed over`() throws {
        let desk = try OpenCase(desk: SampleDesk.withCards, undo: "20s")
        let appliance = desk.appliance
        for number in 2...30 {
            let sender = number % 3 == 0 ? "Jan Kowalski <jan@customer.example>" : "Customer \(number) <c\(number)@customer\(number).example>"
            try SMTPDialogue.deliver(
                CustomerMail(from: sender, subject: "Order \(number)", body: "Where is order \(number)? Zażółć.\n"),
                from: number % 3 == 0 ? "jan@customer.example" : "c\(number)@customer\(number).example", at: appliance)
        }
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let colleague = try appliance.imap(as: SampleDesk.agent2)
        let thunderbird = try Thunderbird(of: SampleDesk.agent1, name: "Agent One", at: appliance)

        // A case and its card each.
        let new = try thunderbird.open("New", count: 60)
        #expect(new.count { $0.level == 0 } == 30 && new.count { $0.level == 1 } == 30, "\(new)")
        try thunderbird.picture("day-new")
        let card = try #require(new.first { $0.subject.hasPrefix("[#1]") && $0.level == 0 }).subject
        #expect(try thunderbird.show(card).contains("#1"))
        try thunderbird.picture("day-card")

        // Take.
        try thunderbird.drag("[#1] Parcel", to: "INBOX")
        try thunderbird.rows(count: 58)
        try thunderbird.drag("[#4] Order 4", to: "INBOX")
        try thunderbird.rows(count: 56)
        try thunderbird.open("INBOX", count: 4)

        // Answer, recall, and send again.
        try thunderbird.show("[#1] Parcel")
        _ = try thunderbird.reply("It left today.")
        try thunderbird.open("To send", count: 1)
        try thunderbird.picture("day-to-send")
        try thunderbird.drag("Re: [#1] Parcel", to: "Drafts")
        try thunderbird.rows(count: 0)
        try thunderbird.open("Drafts", count: 1)
        #expect(desk.relay.mails.isEmpty)
        try thunderbird.open("INBOX", count: 4)
        try thunderbird.show("[#1] Parcel")
        _ = try thunderbird.reply("It left today, really.")
        #expect(try desk.relay.mails(atLeast: 1).count == 1)
        try thunderbird.rows(count: 2)

        // Tag.
        try thunderbird.show("[#4] Order 4")
        try thunderbird.command("cmd_tag1")

        // Join by a command to the card, and a note by answering the card.
        let rows = try thunderbird.rows(count: 2)
        let root = try #require(rows.first { $0.level == 0 }).subject
        try thunderbird.show(root)
        let note = try thunderbird.reply("The carrier does not know.")
        #expect(note.to.first?.contains("note@acme.example") == true, "\(note)")
        try thunderbird.rows(count: 3)
        try thunderbird.picture("day-note")

        // Hand over.
        try thunderbird.drag("[#4] Order 4", to: "Team/Agent Two")
        try thunderbird.rows(count: 0)
        #expect(try colleague.subjects(in: "INBOX").contains { $0.subject == "[#4] Order 4" })
        #expect(try agent.subjects(in: "Waiting").contains { $0.subject == "Re: [#1] Parcel" })
        try thunderbird.open("Waiting", count: 3)
        try thunderbird.picture("day-waiting")
        #expect(try thunderbird.alerts() == [])
    }
}
