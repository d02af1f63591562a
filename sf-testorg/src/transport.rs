use crate::TestOrg;
use async_trait::async_trait;
use sf_core::{protocol::*, *};
use std::time::Duration;

/// No sockets, no runtime, no JSON requests: rows are text only because pages are.
#[derive(Debug, Clone)]
pub struct InProcess {
    org: TestOrg,
    clock: crate::VirtualClock,
}
impl InProcess {
    pub(crate) fn new(org: TestOrg) -> Self {
        let clock = org.clock();
        InProcess { org, clock }
    }
}

#[async_trait]
impl Transport for InProcess {
    fn capabilities(&self) -> Capabilities {
        todo!()
    }
    fn usage(&self) -> Usage {
        Usage::default()
    }
    async fn query(
        &self,
        batch: &[QueryCall],
        _options: &QueryOptions,
    ) -> Result<Vec<Result<Page, Failure>>> {
        self.clock.sleep_until(self.clock.now() + Duration::from_secs(3)).await; // a slow answer costs no real time
        let mut out = Vec::new();
        for call in batch {
            let n = {
                let Ok(mut s) = self.org.state().lock() else { todo!() };
                s.pages += 1;
                s.pages
            };
            let text = match call {
                QueryCall::Start(_) => format!(r#"{{"totalSize":3,"done":false,"nextRecordsUrl":"/n/{n}","records":[{{"attributes":{{"type":"Account"}},"Id":"001000000000001AAA","Name":"One","AnnualRevenue":1.0E7,"CX_Play__c":"Grow","Score__c":300.0,"Opportunities":null}},{{"Id":7}}]}}"#),
                QueryCall::Next(_) => r#"{"totalSize":3,"done":true,"records":[{"Id":"001000000000002AAA","Name":null,"SystemModstamp":"2026-01-02T03:04:05.000+0000"}]}"#.into(),
            };
            out.push(Page::new(text).map_err(Error::into_failure));
        }
        Ok(out)
    }
    async fn retrieve(
        &self,
        _o: &ObjectName,
        _i: &[SfId],
        _f: &[FieldName],
        _c: &CallOptions,
    ) -> Result<Page> {
        todo!()
    }
    async fn write(&self, _b: &[Write], _o: &WriteOptions) -> Result<Vec<RowOutcome>> {
        todo!()
    }
    async fn describe(&self, _o: &ObjectName, _p: &DescribeOptions) -> Result<Option<Describe>> {
        todo!()
    }
    async fn changed(&self, _o: &ObjectName, _w: &Window, _c: &CallOptions) -> Result<ChangedIds> {
        todo!()
    }
    async fn limits(&self, _c: &CallOptions) -> Result<Limits> {
        todo!()
    }
    async fn identity(&self, _c: &CallOptions) -> Result<Identity> {
        todo!()
    }
    async fn call(&self, request: &Request, _o: &CallOptions) -> Result<Response> {
        Ok(self.org.handle(request))
    }
    async fn download(&self, _r: &Request, _s: &mut dyn BodySink, _o: &CallOptions) -> Result<Response> {
        todo!()
    }
}

/// The HTTP surface without HTTP: `Protocol<Wire>` is the REST transport minus sockets.
#[derive(Debug, Clone)]
pub struct Wire {
    org: TestOrg,
}
impl Wire {
    pub(crate) fn new(org: TestOrg) -> Self {
        Wire { org }
    }
}
#[async_trait]
impl Exchange for Wire {
    fn capabilities(&self) -> Capabilities {
        todo!()
    }
    fn usage(&self) -> Usage {
        todo!()
    }
    async fn exchange(
        &self,
        request: &Request,
        _sink: Option<&mut dyn BodySink>,
        _o: &CallOptions,
    ) -> Result<Response> {
        Ok(self.org.handle(request))
    }
}
