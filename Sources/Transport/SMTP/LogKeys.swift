/// The keys of what the SMTP server and client log.
enum LogKey {
    static let session = "smtp.session"
    static let peer = "smtp.peer"
    static let reply = "smtp.reply"
    static let spoken = "smtp.spoken"
    static let sender = "smtp.sender"
    static let recipient = "smtp.recipient"
    static let octets = "smtp.octets"
    static let login = "smtp.login"
    static let tls = "smtp.tls"
    static let banned = "abuse.banned-until"
    static let filter = "mail.filter"
    static let cause = "mail.cause"
    static let failure = "smtp.failure"
    static let nextHop = "delivery.next-hop"
    static let submission = "delivery.submission"
}
