import Desk
import MailTypes
import Testing

@Suite struct CardButtonTests {
    private func content(_ status: TicketStatus, assignee: String? = nil, isAnswered: Bool = false) -> CardContent {
        let moment = Timestamp(seconds: 0)
        var content = CardContent(
            number: TicketNumber(rawValue: 7), stamp: "[#7]", subject: "s", pool: "Help", status: status,
            statusSince: moment, openedAt: moment, assignee: assignee)
        content.isAnswered = isAnswered
        return content
    }

    @Test func `the first button is the likeliest decision`() {
        #expect(CardButton.buttons(of: content(.new)).first == .take)
        #expect(CardButton.buttons(of: content(.new)).contains(.spam))
        #expect(CardButton.buttons(of: content(.assigned, assignee: "a")).first == .waiting)
        #expect(CardButton.buttons(of: content(.waiting, assignee: "a")).first == .take)
        #expect(CardButton.buttons(of: content(.waiting)).first == .take)
        #expect(CardButton.buttons(of: content(.approval, assignee: "a")).starts(with: [.approve, .reject]))
        #expect(CardButton.buttons(of: content(.spam)) == [.giveBack, .note])
    }

    @Test func `what was answered is offered no button for spam`() {
        for status in TicketStatus.allCases {
            #expect(!CardButton.buttons(of: content(status, assignee: "a", isAnswered: true)).contains(.spam))
        }
    }

    @Test(arguments: TicketStatus.allCases) func `no button stands twice and every card can be noted on`(
        status: TicketStatus
    ) {
        for assignee in [nil, "a"] {
            let buttons = CardButton.buttons(of: content(status, assignee: assignee))
            #expect(Set(buttons).count == buttons.count && buttons.contains(.note))
        }
    }

    static let links: [(button: CardButton, link: String)] = [
        (.take, "mailto:desk@acme.example?subject=%5B%237%5D%20Take%20it&body=%23take%0D%0A"),
        (.note, "mailto:note@acme.example?subject=%5B%237%5D%20Take%20it"),
        (.assign, "mailto:desk@acme.example?subject=%5B%237%5D%20Take%20it&body=%23assign%20"),
        (
            .merge(TicketNumber(rawValue: 5)),
            "mailto:desk@acme.example?subject=%5B%237%5D%20Take%20it&body=%23merge%205%0D%0A"
        ),
        (
            .answer("kraj & miasto"),
            "mailto:desk@acme.example?subject=%5B%237%5D%20Take%20it&body=%23answer%20kraj%20%26%20miasto%3D"
        ),
    ]

    @Test(arguments: links) func `a button is a link that writes a mail about its case`(
        button: CardButton, link: String
    ) {
        #expect(button.link(stamp: "[#7]", label: "Take it", domain: "acme.example").text == link)
    }

    @Test func `a link is ASCII whatever stands in it`() {
        let link = MailtoLink(recipient: "a+b@x.example", subject: "Weź \"to\" & <tamto>\r\nBcc: x", body: "ż;+=?\u{0}")
        #expect(
            link.text
                == "mailto:a%2Bb@x.example?subject=We%C5%BA%20%22to%22%20%26%20%3Ctamto%3E%0D%0ABcc%3A%20x&body=%C5%BC%3B%2B%3D%3F%00"
        )
        #expect(link.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"<>'".utf8.contains($0) })
    }

    @Test func `a tag is read as it was written`() {
        for tag in ["pilne", "pilne sprawy", "zwrot-pieniędzy", "a=b", "$label1", "100%"] {
            #expect(TagKeyword.tag(of: TagKeyword.keyword(of: tag)) == tag)
        }
        for keyword in ["=", "=2", "=zz", "=ff", "a=ff=fe"] { #expect(TagKeyword.tag(of: keyword) == keyword) }
    }
}
