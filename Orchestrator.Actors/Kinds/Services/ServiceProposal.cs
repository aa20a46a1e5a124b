using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Kinds.Services.ServiceForm;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Chooses the address and the ports of nodes that a service lacks, and checks those that it asks for. Pure.</summary>
internal static class ServiceProposal
{
    /// <summary>Makes a proposal, with an empty patch if the service lacks nothing. What is to be reserved is what was chosen, and what it asks for.</summary>
    /// <param name="service">Key of the service.</param>
    /// <param name="spec">Its spec, with defaults.</param>
    /// <param name="stored">Its stored version; null for a new one.</param>
    /// <param name="ranges">The ranges of the cluster.</param>
    /// <param name="view">Shows what is reserved; it may lag behind.</param>
    /// <param name="taken">What turned out to be reserved for others.</param>
    public static AllocationProposal For(ObjectKey service, JsonObject spec, KubeObject? stored, ServiceRanges ranges, IAdmissionView view, IReadOnlySet<ObjectKey> taken) =>
        new Draft(service, (JsonObject)spec.DeepClone(), stored, ranges, view, taken).Make(spec);

    private sealed class Draft(ObjectKey service, JsonObject spec, KubeObject? stored, ServiceRanges ranges, IAdmissionView view, IReadOnlySet<ObjectKey> taken)
    {
        private const string AlreadyAllocated = "provided port is already allocated";
        private readonly FieldErrors _errors = new();
        private readonly IReadOnlySet<ObjectKey> _held = ServiceReservations.Of(stored);

        public AllocationProposal Make(JsonObject before)
        {
            ServiceFamilies.Complete(spec, stored?.ToNode()["spec"] as JsonObject, ranges, _errors);
            if (_errors.All.Count == 0)
            {
                Addresses();
                NodePorts();
                HealthCheckPort();
            }

            if (_errors.All.Count > 0)
            {
                return new AllocationProposal([], Admitter.Invalid(ServiceDefinition.Instance, service.Name, _errors.All));
            }

            var change = JsonMerge.Diff(before, spec);
            return new AllocationProposal(change is null ? [] : new JsonObject { ["spec"] = change }, null) { Reserve = [.. ServiceReservations.Of(spec).Where(k => !_held.Contains(k))] };
        }

        private void Addresses()
        {
            if (!HasClusterIP(spec))
            {
                return;
            }

            // One of each family, in their order.
            var given = ClusterIPs(spec);
            var all = IsHeadless(spec) ? given : [.. Texts(spec, "ipFamilies").Select((family, i) => i < given.Count ? Checked(given[i], family) : Chosen(family)).OfType<string>()];
            if (all.Count > 0)
            {
                (spec["clusterIP"], spec["clusterIPs"]) = (all[0], List(all));
            }
        }

        private string? Chosen(string family)
        {
            var address = ranges.Of(family)?.For(service).FirstOrDefault(a => IsFree(ServiceReservations.Of(a)));
            if (address is null)
            {
                _errors.Invalid("spec.clusterIPs", spec["clusterIPs"] ?? new JsonArray(), $"failed to allocate a serviceIP: range is full: all addresses of {ranges.Of(family)} are in use");
            }

            return address;
        }

        private string Checked(string address, string family)
        {
            var key = ServiceReservations.Of(address);
            if (!_held.Contains(key))
            {
                var range = ranges.Of(family);
                if (range?.Has(address) != true)
                {
                    Wrong($"the provided IP ({address}) is not in the valid range. The range of valid IPs is {range}");
                }
                else if (!IsFree(key))
                {
                    Wrong("provided IP is already allocated");
                }
            }

            return address;

            void Wrong(string why) => _errors.Invalid("spec.clusterIPs", List(ClusterIPs(spec)), $"failed to allocate IP {address}: {why}");
        }

        private void NodePorts()
        {
            if (!MayHaveNodePorts(spec))
            {
                return;
            }

            var ports = Ports(spec);
            for (var i = 0; i < ports.Count; i++)
            {
                Check($"spec.ports[{i}].nodePort", Number(ports[i], "nodePort"));
            }

            if (!GetsNodePorts(spec))
            {
                return;
            }

            for (var i = 0; i < ports.Count; i++)
            {
                // A port for two protocols is one port of the nodes too.
                if (Number(ports[i], "nodePort") == 0)
                {
                    Give(ports[i], "nodePort", $"spec.ports[{i}].nodePort", Text(ports[i], "name"), Shared(ports, ports[i]), "a nodePort");
                }
            }
        }

        private static int? Shared(IReadOnlyList<JsonObject> ports, JsonObject port) => ports.Where(p => Number(p, "port") == Number(port, "port") && Text(p, "protocol") != Text(port, "protocol"))
            .Select(p => Number(p, "nodePort")).Where(n => n > 0 && !ports.Any(p => Number(p, "nodePort") == n && Text(p, "protocol") == Text(port, "protocol"))).Cast<int?>().FirstOrDefault();

        private void HealthCheckPort()
        {
            if (!HasHealthCheckPort(spec))
            {
                return;
            }

            if (Number(spec, "healthCheckNodePort") is > 0 and var asked)
            {
                if (Ports(spec).Any(p => Number(p, "nodePort") == asked))
                {
                    _errors.Invalid("spec.healthCheckNodePort", asked, "provided port is already allocated");
                }
                else
                {
                    Check("spec.healthCheckNodePort", asked);
                }
            }
            else
            {
                Give(spec, "healthCheckNodePort", "spec.healthCheckNodePort", "health check", null, "a HealthCheck NodePort");
            }
        }

        private void Give(JsonObject owner, string field, string path, string part, int? shared, string what)
        {
            var own = ServiceReservations.Of(spec);
            if ((shared ?? ranges.NodePortsFor(service, part).Where(n => ServiceReservations.Of(n) is var key && !own.Contains(key) && IsFree(key)).Cast<int?>().FirstOrDefault()) is { } port)
            {
                owner[field] = port;
            }
            else
            {
                _errors.Invalid(path, 0, $"failed to allocate {what}: range is full: all ports from {ranges.FirstNodePort} to {ranges.LastNodePort} are in use");
            }
        }

        private void Check(string field, int port)
        {
            if (port == 0 || _held.Contains(ServiceReservations.Of(port)))
            {
                return;
            }

            if (!ranges.Has(port))
            {
                _errors.Invalid(field, port, $"provided port is not in the valid range. The range of valid ports is {ranges.FirstNodePort}-{ranges.LastNodePort}");
            }
            else if (!IsFree(ServiceReservations.Of(port)))
            {
                _errors.Invalid(field, port, AlreadyAllocated);
            }
        }

        // What was reserved for the service and never stored, or for one of its name that is gone, is its own.
        private bool IsFree(ObjectKey key) => !taken.Contains(key) && (_held.Contains(key) || view.Find(key) is not { } reserved || ServiceReservations.IsFor(reserved, service));
    }
}
