import Gateway

/// The content of a mail from outside: to be filed, or passed on.
package final class ArrivingContent: MailContent {
    enum Way {
        case filed(IncomingContent)
        case passed(PassedContent)
    }

    let way: Way

    init(_ way: Way) { self.way = way }

    private var content: any MailContent {
        switch way {
        case .filed(let content): content
        case .passed(let content): content
        }
    }

    package func append(_ octets: UnsafeRawBufferPointer) { content.append(octets) }
    package var isStalled: Bool { content.isStalled }
    package func abandon() { content.abandon() }
}
