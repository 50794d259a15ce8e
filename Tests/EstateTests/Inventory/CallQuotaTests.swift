import AWS
import Estate
import Testing

@Suite("Quotas of calls")
struct CallQuotaTests {
    @Test("are of operations that an inventory calls; each that AWS states has its page, and the day it was looked at")
    func sources() {
        for service in Inventory.services {
            let called = Set(InventoryCall.inAccount.filter { $0.service == service.name }.map(\.operation))
            #expect(Set(service.quotas.keys).isSubset(of: called), "\(service.name)")
            for operation in called {
                let quota = service.quota(of: operation)
                #expect(quota.perSecond > 0)
                #expect((quota.page == nil) == (quota.checked == nil), "\(operation)")
                #expect(quota.page?.hasPrefix("https://docs.aws.amazon.com/") != false, "\(operation)")
                #expect(quota.checked.map { $0.wholeMatch(of: /20[0-9]{2}-[01][0-9]-[0-3][0-9]/) != nil } != false)
            }
        }
    }

    @Test("KMS's are all stated, and the one of last uses is small")
    func kms() throws {
        let kms = try #require(Inventory.services.first { $0.name == "kms" })
        let called = InventoryCall.inAccount.filter { $0.service == "kms" }
        #expect(called.allSatisfy { kms.quota(of: $0.operation).page != nil })
        #expect(kms.quota(of: "GetKeyLastUsage").perSecond == 5)
    }
}
