import Desk
import Gateway
import MailAuth
import MailTypes
import OpenSSL
import Settings

/// All records that an installation wants to see published, from its settings, its desk and its keys.
struct RecordAdvice: Sendable {
    let settings: MachineSettings
    /// Supervised domains, the desk's own first.
    let domains: [DomainName]
    let keys: [DomainName: SigningKeyFiles.Keys]

    private var host: String { settings.hostname.ascii }

    /// In the order in which they are printed.
    func records() -> [PublishedRecord] {
        domains.flatMap(mail) + reports() + clients() + certificates()
    }

    private func mail(_ domain: DomainName) -> [PublishedRecord] {
        let name = domain.ascii
        var records = [
            PublishedRecord(name: name, value: .mx(host: host), purpose: "mail for \(name) comes here"),
            PublishedRecord(
                name: name, value: .txt(senderPolicy, .sender(sender)), purpose: "who may send for \(name) (SPF)"),
        ]
        for signer in keys[domain]?.signers ?? [] {
            records.append(
                PublishedRecord(
                    name: signer.recordName, value: .txt(signer.record, .key),
                    purpose: signer.selector == keys[domain]?.active.selector
                        ? "the key that signs (DKIM)"
                        : "another key (DKIM): keep it published while mail signed with it is under way"))
        }
        records += [
            PublishedRecord(
                name: "_dmarc.\(name)",
                value: .txt(
                    "v=DMARC1; p=quarantine; rua=mailto:postmaster@\(name)",
                    .tags(
                        version: "v=DMARC1", ["p": { ["none", "quarantine", "reject"].contains($0.lowercased()) }])),
                purpose: "what others do with forged mail (DMARC); p=reject once the reports are clean"),
            PublishedRecord(
                name: "_mta-sts.\(name)",
                value: .txt(
                    "v=STSv1; id=\(policyIdentifier)",
                    .tags(version: "v=STSv1", ["id": { [isServed, policyIdentifier] in !isServed || $0 == policyIdentifier }])),
                purpose:
                    "mail comes under TLS only (MTA-STS), once https://mta-sts.\(name)/.well-known/mta-sts.txt serves the policy"
            ),
        ]
        if settings.publicOrigin != nil {
            records.append(
                PublishedRecord(
                    name: "mta-sts.\(name)", value: .cname(host: host),
                    purpose: "the listener `public` serves that policy, under TLS with a certificate for this name"))
        }
        records += [
            PublishedRecord(
                name: "_smtp._tls.\(name)",
                value: .txt(
                    "v=TLSRPTv1; rua=mailto:postmaster@\(name)", .tags(version: "v=TLSRPTv1", ["rua": { !$0.isEmpty }])),
                purpose: "where others report failed TLS (TLSRPT)"),
        ]
        return records
    }

    /// What leaves without a reverse-path is judged by the name in our greeting (RFC 7208 §2.4).
    private func reports() -> [PublishedRecord] {
        guard sender == host, !domains.contains(settings.hostname) else { return [] }
        return [
            PublishedRecord(
                name: host, value: .txt("v=spf1 a -all", .sender(host)),
                purpose: "who may greet as \(host) (SPF): reports and automatic answers have no other sender")
        ]
    }

    /// We serve the policy of MTA-STS.
    private var isServed: Bool { settings.publicOrigin != nil }

    /// The relay, where there is one that is not on this host, sends for us.
    private var relay: String? {
        guard let relay = settings.delivery.relay?.host, relay != "localhost", IPAddress(relay)?.isLoopback != true else {
            return nil
        }
        return relay
    }

    /// The host from which mail comes.
    private var sender: String { relay ?? host }

    private var senderPolicy: String {
        guard let relay else { return "v=spf1 mx -all" }
        guard let address = IPAddress(relay) else { return "v=spf1 mx a:\(relay) -all" }
        return "v=spf1 mx \(address.family == .v4 ? "ip4" : "ip6"):\(address) -all"
    }

    var transportPolicy: String { OwnPolicy(exchanger: settings.hostname).text }

    /// Changes with the policy (RFC 8461 §3.1).
    private var policyIdentifier: String {
        SHA256.digest(of: Array(transportPolicy.utf8)).prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
    }

    /// RFC 6186, RFC 8314 §5.1.
    private func clients() -> [PublishedRecord] {
        guard let domain = domains.first?.ascii else { return [] }
        var records: [PublishedRecord] = []
        for name in [ListenerName.imaps, .imap, .submissions, .submission] {
            guard let port = settings.listener(name)?.advertisedPort else { continue }
            records.append(
                PublishedRecord(
                    name: "_\(name.rawValue)._tcp.\(domain)", value: .srv(port: port, host: host),
                    purpose: "agents' programs find \(name.rawValue)"))
        }
        if settings.publicOrigin != nil {
            records.append(
                PublishedRecord(
                    name: "autoconfig.\(domain)", value: .cname(host: host), purpose: "Thunderbird finds its settings"))
            records.append(
                PublishedRecord(
                    name: "autodiscover.\(domain)", value: .cname(host: host), purpose: "Outlook finds its settings"))
        }
        return records
    }

    /// DANE for SMTP (RFC 7672 §3.1.1): the certificate's public key.
    private func certificates() -> [PublishedRecord] {
        settings.tls.certificates.compactMap { files in
            guard let summary = try? CertificateSummary(file: files.certificate), summary.covers(host) else {
                return nil
            }
            return PublishedRecord(
                name: "_25._tcp.\(host)", value: .tlsa(digest: summary.publicKeyDigest),
                purpose: "which certificate is ours (DANE), where the zone is signed; change it before the key changes")
        }
    }
}

extension Listener {
    /// The port that clients find it at; an inherited socket has the one that the protocol has.
    var advertisedPort: Int? {
        for case .tcp(_, let port) in addresses where port != 0 { return port }
        switch name {
        case .imaps: return 993
        case .imap: return 143
        case .submissions: return 465
        case .submission: return 587
        case .smtp, .console, .public, .metrics: return nil
        }
    }
}
