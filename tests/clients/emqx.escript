%% Stands in for the TLS of EMQX's port for remote calls: gen_rpc's options, with EMQX's variables. emqx.escript PORT
main([Port]) ->
    {ok, _} = application:ensure_all_started(ssl),
    {ok, Listener} = ssl:listen(list_to_integer(Port), [
        binary, {active, false}, {reuseaddr, true}, {ip, {127, 0, 0, 1}},
        {certfile, os:getenv("EMQX_RPC__CERTFILE")},
        {keyfile, os:getenv("EMQX_RPC__KEYFILE")},
        {cacertfile, os:getenv("EMQX_RPC__CACERTFILE")},
        {verify, verify_peer}, {fail_if_no_peer_cert, true}
    ]),
    accept(Listener).

accept(Listener) ->
    {ok, Connection} = ssl:transport_accept(Listener),
    Pid = spawn(fun() -> receive start -> serve(Connection) end end),
    ssl:controlling_process(Connection, Pid),
    Pid ! start,
    accept(Listener).

%% A peer that says nothing is let be, as gen_rpc lets it.
serve(Connection) ->
    case ssl:handshake(Connection) of
        {ok, Socket} -> ssl:recv(Socket, 0);
        {error, _} -> refused
    end.
