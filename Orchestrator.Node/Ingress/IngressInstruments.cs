using System.Diagnostics.Metrics;
using System.Globalization;
using Orchestrator.Actors.Monitoring;

namespace Orchestrator.Node.Ingress;

/// <summary>Metrics of the requests that this host serves for Ingresses.</summary>
internal static class IngressInstruments
{
    private const string Ingress = "ingress";
    private const string Service = "service";
    private const string Code = "code";

    private static readonly Counter<long> RequestsTotal =
        Instruments.Counter("orchestrator_ingress_requests_total", "Requests that were answered, by status, Ingress (empty if none matched) and service.", Code, Ingress, Service);

    private static readonly Histogram<double> RequestSeconds =
        Instruments.Seconds("orchestrator_ingress_request_duration_seconds", "Time from a request to the end of its answer.", 0.001, Ingress, Service);

    /// <summary>Records a request that has ended.</summary>
    public static void Answered(IngressRoute? route, int code, TimeSpan took)
    {
        var (ingress, service) = (Instruments.Label(Ingress, route?.Ingress ?? ""), Instruments.Label(Service, route?.Backend is { Service: var key } ? $"{key.Namespace}/{key.Name}" : ""));
        RequestsTotal.Add(1, Instruments.Label(Code, code.ToString(CultureInfo.InvariantCulture)), ingress, service);
        RequestSeconds.Record(took.TotalSeconds, ingress, service);
    }
}
