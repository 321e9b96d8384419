package import MailTypes

/// A rule for incoming mail: if `when` holds, `then` is done, and after `stop` no later rule is asked.
package struct RuleDefinition: Equatable, Sendable {
    package var name: String
    /// `.all([])` where the file has no `when`: every mail.
    package var when: RuleCondition
    /// In the order of the file.
    package var then: [RuleAction]
    package var stop: Bool

    package init(name: String, when: RuleCondition = .all([]), then: [RuleAction], stop: Bool = false) {
        self.name = name
        self.when = when
        self.then = then
        self.stop = stop
    }
}

/// What a rule asks of a mail. Several keys in one mapping of the file are `.all`, a list of patterns is `.any`.
package indirect enum RuleCondition: Equatable, Sendable {
    case all([RuleCondition])
    case any([RuleCondition])
    case not(RuleCondition)
    /// Any field of this name, decoded.
    case header(name: String, TextPattern)
    /// The author's address.
    case from(TextPattern)
    /// An address of To or Cc.
    case to(TextPattern)
    /// The reverse-path; the null one is the empty text.
    case envelopeFrom(TextPattern)
    /// A recipient of the envelope.
    case envelopeTo(TextPattern)
    case subject(TextPattern)
    /// The decoded text of the body.
    case body(TextPattern)
    /// Larger than that many octets.
    case sizeOver(Int)
    /// Smaller than that many octets.
    case sizeUnder(Int)
    /// Whether there is any attachment.
    case hasAttachment(Bool)
    case attachmentName(TextPattern)
    /// A media type such as `application/pdf`.
    case attachmentType(TextPattern)
    /// Whether it came through a mailing list (RFC 2369, RFC 2919).
    case isFromList(Bool)
    /// The identifier of the list (RFC 2919).
    case list(TextPattern)
    /// Whether it is automatic mail (RFC 3834).
    case autoSubmitted(Bool)
    /// What a check of authenticity said (RFC 8601).
    case authentication(AuthenticationMethod, AuthenticationVerdict)
    /// The pool whose address the mail arrived at.
    case pool(String)
    /// Whether the author is a customer already.
    case customerIsKnown(Bool)
    /// The moment of arrival: on one of these days (empty: any) and within one of these spans (empty: any), in the
    /// desk's time zone.
    case time(days: [Weekday], hours: [TimeSpan])
    /// Whether a calendar is within its working hours.
    case calendar(String, isOpen: Bool)
}

/// A check of a sender's authenticity that rules can ask for; the raw value is what the desk file writes.
package enum AuthenticationMethod: String, CaseIterable, Sendable {
    case spf, dkim, dmarc, arc
    /// Of the host that brought the mail: whether a name of it leads back to it, whether the name in EHLO does, and whether
    /// lists of bad hosts have it (fail) or only lists of good ones (pass).
    case iprev, helo, dnsbl
    /// Of a filter: whether the score that it gave is one from which on rules are to hear of it (fail).
    case spam
}

/// The result of a check as rules see it (RFC 8601 §2.7, without the finer shades); the raw value is what the file says.
package enum AuthenticationVerdict: String, CaseIterable, Sendable {
    case pass, fail, none
}

/// How a rule matches text. Case never counts.
package enum TextPattern: Equatable, Sendable {
    /// Contained in a text; an address is this whole.
    case text(String)
    /// The whole text, where `*` is any run of characters and `\*` an asterisk.
    case glob(String)
    /// `/…/` of the file, without the slashes: found anywhere in the text, ignoring case.
    case regularExpression(String)
}

/// What a rule does with a mail.
package enum RuleAction: Equatable, Sendable {
    /// Files it under `Folders/`: no deadline, no automatic answer.
    case folder(String)
    case pool(String)
    case group(String)
    /// Assigns to the agent of this login.
    case agent(String)
    case priority(Priority)
    case category(String)
    case tag(String)
    case status(Status)
    /// Sets a field of the customer.
    case customerField(name: String, value: String)
    case autoReply(AutoReplyChoice)
    /// Sends it on as the desk.
    case forward([EmailAddress])
    /// Sends the untouched mail on as well.
    case copy([EmailAddress])
    /// Refuses it in the SMTP dialogue with this sentence.
    case reject(String)
    /// Files it as spam without a word to anybody.
    case spam

    /// A status that a rule may give; the raw value is what the desk file writes.
    package enum Status: String, CaseIterable, Sendable {
        case new, waiting, done, closed, spam
    }
}

/// How urgent a case is; the raw value is what the desk file writes.
package enum Priority: String, CaseIterable, Sendable {
    case low, normal, high, urgent
}
