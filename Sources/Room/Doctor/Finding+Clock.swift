import Evidence

extension Finding {
    /// How far this host's clock is off: times in evidence are its own, and AWS refuses what is signed more than five
    /// minutes off.
    static func ofClock(service: Timestamp?, host: Timestamp) -> Finding {
        let check = "clock"
        guard let service else {
            return Finding(check, .unknown, "the service sent no Date", remedy: "Compare this host's clock by hand")
        }
        let seconds = host.epochSeconds - service.epochSeconds
        let detail = "\(abs(seconds)) s \(seconds < 0 ? "behind" : "ahead of") the service"
        let remedy = "Set this host's clock: evidence has its times"
        return switch abs(seconds) {
        case ...5: Finding(check, .pass, detail)
        case ...60: Finding(check, .warn, detail, remedy: remedy)
        default: Finding(check, .fail, detail, remedy: remedy)
        }
    }
}
