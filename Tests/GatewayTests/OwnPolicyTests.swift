import Gateway
import MailTypes
import Testing

@Suite struct OwnPolicyTests {
    @Test func `what we publish is a policy that we would keep ourselves`() throws {
        let policy = try #require(STSPolicy(OwnPolicy(exchanger: domainName("mx.acme.example")).text))
        #expect(policy.mode == .enforce && policy.names(domainName("mx.acme.example")))
        #expect(policy.maximumAge >= .seconds(86400))
    }

    static let hosts: [(host: String, domain: String?)] = [
        ("mta-sts.acme.example", "acme.example"), ("MTA-STS.Acme.Example", "acme.example"), ("acme.example", nil),
        ("mx.mta-sts.acme.example", nil), ("mta-sts.", nil), ("", nil), ("mta-sts.żółw.example", "xn--w-uga1v8h.example"),
    ]
    @Test(arguments: hosts) func `a policy is a domain's by the host's name`(host: String, domain: String?) {
        #expect(OwnPolicy.domain(servedBy: host)?.ascii == domain)
    }
}
