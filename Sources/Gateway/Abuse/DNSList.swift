package import MailTypes

/// A list of hosts that somebody keeps in the domain name system (RFC 5782), of bad ones or of good ones.
package struct DNSList: Hashable, Sendable {
    /// `zen.example.org`
    package var zone: String
    /// What it adds to the score of a host that it lists; below zero for lists of good hosts.
    package var score: Int
    /// The answers that count; empty: any.
    package var answers: [IPNetwork]

    package init(zone: String, score: Int, answers: [IPNetwork] = []) {
        (self.zone, self.score, self.answers) = (zone, score, answers)
    }

    /// The name to ask for (RFC 5782 §2.1, §2.4).
    func name(of host: IPAddress) -> String {
        let labels = host.family == .v4 ? host.octets.map(String.init) : host.nibbles
        return labels.reversed().joined(separator: ".") + "." + zone
    }

    /// Whether an answer says that the host is listed. What lies outside 127.0.0.0/8 comes from a zone that somebody else
    /// has taken over (RFC 5782 §5), and by 127.255.0.0/16 lists say that they do not answer whoever asks.
    func counts(_ answer: IPAddress) -> Bool {
        guard answer.family == .v4, answer.octets.first == 127, answer.octets.dropFirst().first != 255 else {
            return false
        }
        return answers.isEmpty || answers.contains { $0.contains(answer) }
    }
}

/// A list that has a host, and what it answered.
package struct HostListing: Hashable, Sendable {
    package var list: DNSList
    package var answer: IPAddress
}
