using Microsoft.AspNetCore.Server.Kestrel.Core;
using Orchestrator.Samples.CsiLoop;

// A CSI driver whose volumes are files with an ext4 file system, which the node mounts by loop devices. It shows all that a driver for Orchestrator, or Kubernetes, needs:
//   csi-loop --endpoint /var/lib/kubelet/plugins/loop.csi.orchestrator.io/csi.sock --registration /var/lib/kubelet/plugins_registry/loop.csi.orchestrator.io-reg.sock
//     --data /var/lib/csi-loop --node NAME_OF_THE_NODE
var settings = new ConfigurationBuilder().AddCommandLine(args).Build();
string Setting(string name) => settings[name] is { Length: > 0 } value ? value : throw new ArgumentException($"--{name} is missing");
var driver = new LoopDriver(settings["name"] ?? "loop.csi.orchestrator.io", Setting("node"), Setting("endpoint"), long.TryParse(settings["max-volumes"], out var most) ? most : 0);
var images = new LoopImages(Setting("data"));

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddGrpc();
builder.Services.AddSingleton(driver).AddSingleton(images);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    // A socket of an earlier run would be in the way. The agent looks for the second one; by then the first has to be there.
    foreach (var socket in (string[])[driver.Endpoint, Setting("registration")])
    {
        Directory.CreateDirectory(Path.GetDirectoryName(socket)!);
        File.Delete(socket);
        kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2);
    }
});
var app = builder.Build();
app.MapGrpcService<RegistrationService>();
app.MapGrpcService<IdentityService>();
app.MapGrpcService<ControllerService>();
app.MapGrpcService<NodeService>();
app.Run();
