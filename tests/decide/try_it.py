import sys, random
from hypothesis import given, settings, HealthCheck, Phase
from tests.decide.test_knots import worlds
from tests.decide.telling import told
from tests.decide.reference import run, outcome
N=int(sys.argv[1])
def real(world):
    r=run(**world); laid,units=outcome(r)
    covers={(c.line_id,c.queued_at,c.inbound_id,c.item_id):c.quantity for c in r.covers.itertuples()}
    import pandas as pd
    f={x.line_id:(None if pd.isna(x.likely_at) else x.likely_at, None if pd.isna(x.sure_at) else x.sure_at, x.uncovered) for x in r.forecasts.itertuples()}
    return {"laid":laid,"units":units,"covers":covers,"forecasts":f}
def strip(world, what):
    w=dict(world); d=[dict(r) for r in w["demand"]]
    for r in d:
        if "kits" in what: r["recipe_id"]=None
        if "ship" in what: r["ship_complete"]=False
        if "reach" in what: r["reach_id"]=0
        if "choice" in what: r["choice"]="rank"; r["split_limit"]=0
        if "split" in what: r["split_limit"]=0
        if "most" in what and r["choice"]=="most_stock": r["choice"]="rank"
        if "release" in what: r["release_at"]=None
        if "horizon" in what: r["horizon_days"]=None
        if "displace" in what: r["displaces"]=False
        if "picking" in what and r["reason"]=="picking": r["reason"]="ready"
    if "reserve" in what: w["reserves"]=[]
    if "taken" in what: w["taken"]=[]
    w["demand"]=d
    return w
what=sys.argv[2].split(",") if len(sys.argv)>2 else []
def show(world):
    for k,v in world.items():
        if k=="recipes": continue
        print(k)
        for r in v:
            if k=="demand":
                from tests.decide.reference import bucket
                b=bucket(r["line_id"],r["item_id"],r["quantity"])
                print("   ",r["line_id"],"item",r["item_id"],"q",r["quantity"],{a:str(x) for a,x in r.items() if x!=b[a]})
            else: print("   ",{a:str(x) for a,x in r.items()})
@settings(max_examples=N,deadline=None,database=None,suppress_health_check=list(HealthCheck),print_blob=False)
@given(worlds())
def t(world):
    world=strip(world,what)
    a,b=real(world),told(world)
    for k in a:
        if a[k]!=b[k]:
            global last; last=(world,a,b)
            raise AssertionError(k)
try: t(); print("ok")
except AssertionError as e:
    w,a,b=last; show(w)
    for k in a:
        if a[k]!=b[k]:
            print("DIFF",k)
            for key in sorted(set(a[k])|set(b[k]),key=str):
                x,y=a[k].get(key),b[k].get(key)
                if x!=y: print("   ",[str(z) for z in (key if isinstance(key,tuple) else [key])],"code",[str(q) for q in x] if isinstance(x,tuple) else x,"told",[str(q) for q in y] if isinstance(y,tuple) else y)
