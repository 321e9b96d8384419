import Gateway
import MailTypes
import TestKit
import Testing

@Suite struct RequestGuardTests {
    private let clock = ManualClock()

    private func guardian(_ count: Int, networkFactor: Int = 2) -> RequestGuard {
        RequestGuard(
            limits: .init(requests: RateLimit(count, in: .seconds(60)), networkFactor: networkFactor, trackedKeys: 100),
            clock: clock)
    }

    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test func `a host may ask so often, others beside it, and it again when the time has passed`() throws {
        let guardian = guardian(3)
        let (one, other) = (try address("192.0.2.1"), try address("198.51.100.1"))
        #expect((0..<5).map { _ in guardian.admits(one) } == [true, true, true, false, false])
        #expect(guardian.admits(other))
        clock.advance(by: .seconds(120))
        #expect(guardian.admits(one))
    }

    @Test func `a network may ask some times as often`() throws {
        let guardian = guardian(3)
        let admitted = try (1...10).filter { guardian.admits(try address("192.0.2.\($0)")) }
        #expect(admitted.count == 6)
        #expect(guardian.admits(try address("192.0.3.1")))
    }

    @Test func `the addresses of one link are one host`() throws {
        let guardian = guardian(2)
        #expect(try (1...4).filter { guardian.admits(try address("2001:db8::\($0)")) }.count == 2)
    }
}
