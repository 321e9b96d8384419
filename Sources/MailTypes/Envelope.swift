/// What SMTP carries beside the content (RFC 5321 §2.3.1): who gets the failures, who gets the mail.
package struct Envelope: Equatable, Sendable {
    /// `nil` is the null reverse-path `<>` (RFC 5321 §4.5.5).
    package var reversePath: EmailAddress?
    package var recipients: [EmailAddress]
    /// BODY=8BITMIME was given (RFC 6152).
    package var is8BitMIME: Bool
    /// SMTPUTF8 was given (RFC 6531).
    package var isSMTPUTF8: Bool
    /// When it shall leave, if the client asked for a time (RFC 4865).
    package var releaseAt: Timestamp?
    /// What was asked beside delivery (RFC 3461, RFC 8689).
    package var wishes = DeliveryWishes()

    package init(
        reversePath: EmailAddress?, recipients: [EmailAddress] = [], is8BitMIME: Bool = false, isSMTPUTF8: Bool = false,
        releaseAt: Timestamp? = nil
    ) {
        self.releaseAt = releaseAt
        (self.reversePath, self.recipients) = (reversePath, recipients)
        (self.is8BitMIME, self.isSMTPUTF8) = (is8BitMIME, isSMTPUTF8)
    }
}
