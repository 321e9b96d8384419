package import MailTypes

/// Which mails a machine may answer at all, and with which text (RFC 3834, FEATURES S17).
package enum AutomaticAnswer {
    /// What has to be known of a mail that may be answered.
    package struct Mail: Sendable {
        /// Where the answer goes (RFC 3834 §4); `nil`: the null reverse-path.
        package var reversePath: EmailAddress?
        package var author: EmailAddress?
        /// A machine wrote it, it came through a list, or its sender asks for silence (RFC 3834 §2).
        package var isUnanswerable: Bool
        /// Author or reverse-path is an address of the desk.
        package var isFromDesk: Bool

        package init(reversePath: EmailAddress?, author: EmailAddress?, isUnanswerable: Bool, isFromDesk: Bool) {
            (self.reversePath, self.author) = (reversePath, author)
            (self.isUnanswerable, self.isFromDesk) = (isUnanswerable, isFromDesk)
        }
    }

    /// Whom an answer to the mail goes to; `nil`: it gets none, whatever the desk says.
    package static func recipient(for mail: Mail) -> EmailAddress? {
        guard let sender = mail.reversePath, !mail.isUnanswerable, !mail.isFromDesk, !isMachine(sender),
            mail.author.map(isMachine) != true
        else { return nil }
        return sender
    }

    /// What the desk says for a mail to an address of a pool: the rules first, then the address, then the pool. Outside
    /// working hours what is said for them counts before the rest of the same place.
    package static func choice(
        rule: AutoReplyChoice?, pool: PoolDefinition, address: EmailAddress?, isOpen: Bool
    ) -> AutoReplyChoice? {
        let own = pool.addresses.first { $0.address == address }
        if isOpen { return rule ?? own?.autoReply ?? pool.autoReply }
        return rule ?? own?.autoReplyClosed ?? own?.autoReply ?? pool.autoReplyClosed ?? pool.autoReply
    }

    /// Whether an address belongs to a machine by its name: lists' owners and requests and mail systems (RFC 3834 §2), and
    /// those that say themselves that nobody reads there.
    package static func isMachine(_ address: EmailAddress) -> Bool {
        let whole = foldedName(address.localPart)
        let name = whole.prefix { $0 != "+" && $0 != "=" }
        let letters = String(name.filter { $0.isLetter })
        return silent.contains(letters) || silentStarts.contains(where: letters.hasPrefix)
            || starts.contains(where: whole.hasPrefix) || ends.contains(where: name.hasSuffix)
    }

    private static let silent: Set<String> = [
        "mailerdaemon", "postmaster", "daemon", "listserv", "majordomo", "bounce", "bounces", "mailer", "autoreply",
        "autoresponder",
    ]
    private static let silentStarts = ["noreply", "donotreply", "dontreply", "nieodpowiadaj"]
    private static let starts = ["owner-", "bounce-", "bounces-", "bounce+", "bounces+"]
    private static let ends = ["-request", "-owner", "-bounces", "-bounce", "-errors"]
}
