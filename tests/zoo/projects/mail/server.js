const app = require('express')();
app.get('/', (_, answer) => answer.send('api'));
app.listen(Number(process.env.PORT || 3001), '127.0.0.1');
