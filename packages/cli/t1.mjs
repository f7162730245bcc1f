import m from 'node:module'; m.enableCompileCache('/tmp/hc/cc')
const t=performance.now()
const lap=(n)=>console.error(n,(performance.now()-t).toFixed(1))
console.error('boot',t.toFixed(1))
const w=process.argv[2]
if(w==='helm'){ const h=await import('@ropeway/helm'); lap('helm'); const c=await h.loadChart('demo'); lap('load'); c.render({}).text(); lap('render')}
else {await import(w); lap(w)}
