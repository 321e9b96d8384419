/// How many automatic answers go out at most, so that no storm of mail becomes two. Beside them, a sender gets at most one
/// for a case within 24 hours.
package struct AutoReplyLimits: Equatable, Sendable {
    /// Counted in stretches of ten minutes and of a day, UTC.
    package struct Cap: Equatable, Sendable {
        package var tenMinutes: Int
        package var day: Int

        package init(tenMinutes: Int, day: Int) { (self.tenMinutes, self.day) = (tenMinutes, day) }
    }

    package var perSender: Cap
    package var perPool: Cap
    package var inAll: Cap

    /// Documented defaults: 3 in ten minutes and 10 a day to one sender, 100 and 2,000 from one pool, 300 and 10,000 from
    /// the whole desk.
    package init(
        perSender: Cap = Cap(tenMinutes: 3, day: 10), perPool: Cap = Cap(tenMinutes: 100, day: 2000),
        inAll: Cap = Cap(tenMinutes: 300, day: 10_000)
    ) {
        (self.perSender, self.perPool, self.inAll) = (perSender, perPool, inAll)
    }
}
