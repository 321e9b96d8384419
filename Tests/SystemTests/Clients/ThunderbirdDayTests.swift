import Testing

/// A whole working day of an agent in Thunderbird, with cards and thirty cases.
@Suite(.serialized, .enabled(if: Thunderbird.isWanted, "deploy/test --with-thunderbird runs these"))
struct ThunderbirdDayTests {
    @Test func `thirty cases are taken, answered, recalled, tagged, noted and handed over`() throws {
        let desk = try OpenCase(desk: SampleDesk.withCards, undo: "25s")
        let appliance = desk.appliance
        for number in 2...30 {
            let sender = "c\(number)@customer\(number).example"
            try SMTPDialogue.deliver(
                CustomerMail(
                    from: "Customer \(number) <\(sender)>", subject: "Order \(number)", body: "Where is it? Zażółć.\n"),
                from: sender, at: appliance)
        }
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let colleague = try appliance.imap(as: SampleDesk.agent2)
        let thunderbird = try Thunderbird(of: SampleDesk.agent1, name: "Agent One", at: appliance)

        // A card on top of each case.
        try thunderbird.open("INBOX", count: 0)
        let new = try thunderbird.open("New", count: 60)
        #expect(new.filter { $0.level == 0 }.allSatisfy { $0.from.contains("note@") }, "\(new)")
        #expect(try thunderbird.show("[#1] Parcel", from: "note@").contains("nobody yet"))
        try thunderbird.picture("day-new")

        // Taken by their cards, which say so.
        try thunderbird.drag("[#1] Parcel", to: "INBOX")
        try thunderbird.rows(count: 58)
        try thunderbird.drag("[#4] Order 4", to: "INBOX")
        try thunderbird.rows(count: 56)
        try thunderbird.open("INBOX", count: 4)
        #expect(try thunderbird.show("[#1] Parcel", from: "Assigned").contains("Agent One"))
        #expect(try thunderbird.rows(count: 4).filter { $0.level == 0 }.allSatisfy { $0.from.contains("note@") })
        try thunderbird.picture("day-taken")

        // Answered, recalled, and answered again.
        try thunderbird.show("[#1] Parcel", from: "Jan Kowalski")
        _ = try thunderbird.reply("It left today.")
        try thunderbird.open("To send", count: 1)
        try thunderbird.drag("Re: [#1] Parcel", to: "Drafts")
        try thunderbird.rows(count: 0)
        try thunderbird.open("Drafts", count: 1)
        #expect(desk.relay.mails.isEmpty)
        try thunderbird.open("INBOX", count: 4)
        try thunderbird.show("[#1] Parcel", from: "Jan Kowalski")
        _ = try thunderbird.reply("It left today, really.")
        #expect(try desk.relay.mails(atLeast: 1).count == 1)
        try thunderbird.rows(count: 2)

        // Tagged, and a note by answering the card.
        try thunderbird.show("[#4] Order 4", from: "Customer 4")
        try thunderbird.command("cmd_tag1")
        try thunderbird.show("[#4] Order 4", from: "Assigned")
        let note = try thunderbird.reply("The carrier does not know.")
        #expect(note.to.first?.contains("note@acme.example") == true, "\(note)")
        try thunderbird.rows(count: 3)
        #expect(try thunderbird.show("[#4] Order 4", from: "In progress").contains("Agent One"))
        try thunderbird.picture("day-note")

        // Handed over.
        try thunderbird.drag("[#4] Order 4", to: "Team/Agent Two")
        try thunderbird.rows(count: 0)
        #expect(try colleague.subjects(in: "INBOX").contains { $0.subject == "[#4] Order 4" })
        #expect(try agent.subjects(in: "Waiting").contains { $0.subject == "Re: [#1] Parcel" })
        #expect(try thunderbird.open("Waiting", count: 3).first?.from.contains("Waiting: Agent One") == true)
        try thunderbird.picture("day-waiting")
        #expect(desk.relay.mails.count == 1)
        #expect(try thunderbird.alerts() == [])
    }
}
