import Gateway
import Settings

extension AbuseGuard {
    /// As the settings say. Whoever forwards mail of others is not held up for what these do.
    convenience init(_ settings: MachineSettings, clock: any WallClock) {
        let abuse = settings.abuse
        var limits = RateLimits()
        limits.connections = abuse.connections.map(RateLimit.init)
        limits.mails = abuse.mails.map(RateLimit.init)
        limits.recipients = abuse.recipients.map(RateLimit.init)
        limits.unknownRecipients = abuse.unknownRecipients.map(RateLimit.init)
        limits.loginFailures = abuse.loginFailures.map(RateLimit.init)
        limits.accountMails = abuse.accountMails.map(RateLimit.init)
        limits.accountRecipients = abuse.accountRecipients.map(RateLimit.init)
        limits.networkFactor = abuse.networkFactor
        (limits.ban, limits.longestBan, limits.tarpit) = (abuse.ban, abuse.longestBan, abuse.tarpit)
        self.init(
            limits: limits, allowed: abuse.allow + settings.authentication.trustedForwarders,
            greetingDelay: abuse.greetingDelay, clock: clock)
    }
}

extension RateLimit {
    fileprivate init(_ rate: MachineSettings.Rate) { self.init(rate.count, in: rate.period) }
}
