using Orchestrator.Actors.Kinds.Pods;
using k8s;
using k8s.Models;

namespace Orchestrator.Tests.Api.Tables;

/// <summary>Of a pod with the init container <c>setup</c>, the sidecar <c>log</c> and the main container <c>main</c>, what is read in a table.</summary>
public sealed class PodSummarySpec
{
    private const string Up = """ "started":true,"ready":true,"state":{"running":{}} """;
    private const string Fresh = """ "state":{"waiting":{"reason":"PodInitializing"}} """;
    private const string Done = """ "state":{"terminated":{"exitCode":0,"reason":"Completed"}} """;

    [Theory]
    [InlineData(Fresh, Fresh, Fresh, "0/2", "Init:0/2")]
    [InlineData(""" "state":{"waiting":{"reason":"CrashLoopBackOff"}},"restartCount":3 """, Fresh, Fresh, "0/2", "Init:CrashLoopBackOff", 3)]
    [InlineData(""" "state":{"terminated":{"exitCode":1,"reason":"Error"}} """, Fresh, Fresh, "0/2", "Init:Error")]
    [InlineData(Done, Fresh, Fresh, "0/2", "Init:1/2")]
    [InlineData(Done, Up, Fresh, "1/2", "PodInitializing")]
    [InlineData(Done, Up, Up, "2/2", "Running")]
    [InlineData(Done, """ "state":{"waiting":{"reason":"CrashLoopBackOff"}},"restartCount":2 """, Up, "1/2", "Running", 2, "Running", true)]
    [InlineData(Done, Up, Done, "1/2", "Completed")]
    [InlineData(Done, Done, Done, "0/2", "Completed", 0, "Succeeded", true)]
    [InlineData(Done, Up, """ "state":{"terminated":{"exitCode":137,"signal":9}} """, "1/2", "Signal:9")]
    public void One_line_says_how_it_is(string setup, string log, string main, string ready, string status, int restarts = 0, string phase = "Running", bool isInitialized = false)
    {
        var summary = PodSummary.Of(KubernetesJson.Deserialize<V1Pod>($$"""
            {"metadata":{"name":"web"},"spec":{"initContainers":[{"name":"setup"},{"name":"log","restartPolicy":"Always"}],"containers":[{"name":"main"}]},
             "status":{"phase":"{{phase}}","conditions":[{"type":"Initialized","status":"{{isInitialized}}"}],
              "initContainerStatuses":[{"name":"setup",{{setup}} },{"name":"log",{{log}} }],"containerStatuses":[{"name":"main",{{main}} }]} }
            """));
        Assert.Equal((ready, status, restarts), (summary.Ready, summary.Status, summary.Restarts));
    }
}
